import OutcryBytes

// A stream's side of its group.

extension StreamWheel {
    /// Leaves the group that it is in, if it is in one; what was put to that before goes to it still.
    public func leaveGroup() {
        guard let group else { return }
        settle(group)
        self.group = nil
        group.forget(Int(groupPlace))
    }

    /// Puts the group's pending bytes in front of what comes next from elsewhere.
    func settle(_ group: StreamGroup) {
        guard phase != .closed else { return }
        group.withPending(from: groupSeen) { bytes in
            groupSeen = group.seenAll
            if let wound = keep(bytes) { tell(wound) }
        }
    }

    /// What is put to it is kept or written.
    var takesBytes: Bool {
        (phase == .open || phase == .dialing || phase == .securing) && !endsWriting
    }

    /// Shared bytes may go straight to its transport.
    var takesAtOnce: Bool {
        phase == .open && outbound.isEmpty && !isBlocked && allowance == .max
    }

    /// Writes shared bytes; keeps what the system does not take.
    func take(_ bytes: Span<UInt8>, _ driver: any Driver) -> StreamGroup.Wound? {
        guard let transport else { return nil }
        let count: Int
        do throws(SystemError) { count = try driver.write(transport, bytes) } catch {
            return .failed(transport, error)
        }
        bytesOut += count
        guard count < bytes.count else { return nil }
        isBlocked = true
        return keep(bytes.extracting(count..<bytes.count))
    }

    /// Keeps shared bytes in its own queue, to be written when it can.
    func keep(_ bytes: Span<UInt8>) -> StreamGroup.Wound? {
        do throws(ByteQueueFull) { try outbound.append(bytes) } catch { return .overflowed }
        if phase == .open { flushLater() }
        return !isHigh && outbound.count >= options.highWater ? .high : nil
    }

    /// Does what had to wait until all members had their bytes.
    func tell(_ wound: StreamGroup.Wound) {
        switch wound {
        case .failed(let transport, let error): kernel.receive(.failed(transport, error))
        case .overflowed: finish(.overflowed(limit: options.outboundLimit))
        case .high: if !isHigh, outbound.count >= options.highWater { pressure(true) }
        }
    }
}
