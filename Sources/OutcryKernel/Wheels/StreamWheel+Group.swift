import OutcryBytes

// A stream's side of its group.

extension StreamWheel {
    /// Leaves the group that it is in, if it is in one; what was put to that before goes to it still.
    public func leaveGroup() {
        guard let group else { return }
        let wound = group.settle(self)
        self.group = nil
        group.forget(self)
        if let wound { tell(wound) }
    }

    /// The group's pending bytes come in front of what comes next from elsewhere.
    func settle(_ group: StreamGroup) {
        if let wound = group.settle(self) { tell(wound) }
    }

    /// What is put to it is kept or written.
    var takesBytes: Bool {
        (phase == .open || phase == .dialing || phase == .securing) && !endsWriting
    }

    /// Where shared bytes may go without a detour.
    var readyTransport: TransportID? {
        guard phase == .open, outbound.isEmpty, !isBlocked, allowance == .max else { return nil }
        return transport
    }

    /// Keeps shared bytes in its own queue, to be written when it can.
    func keep(_ bytes: Span<UInt8>) -> StreamGroup.Wound? {
        guard phase != .closed else { return nil }
        do throws(ByteQueueFull) { try outbound.append(bytes) } catch {
            // It is told so when all members have their bytes; whatever is put until then, or closes it, nothing
            // is written any more, since something would be missing in it.
            isBlocked = true
            return .overflowed
        }
        if phase == .open { flushLater() }
        return !isHigh && outbound.count >= options.highWater ? .high : nil
    }

    /// Does what had to wait until all members had their bytes.
    func tell(_ wound: StreamGroup.Wound) {
        switch wound {
        case .failed(let transport, let error): kernel.receive(.failed(transport, error))
        case .overflowed: finish(.overflowed(limit: options.outboundLimit))
        case .high:
            if phase != .closed, !isHigh, outbound.count >= options.highWater { pressure(true) }
        }
    }
}
