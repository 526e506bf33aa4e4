import OutcryComponents
import OutcryKernel
import OutcryServing
import OutcryWire

// Calls over the stream and private channels: each client that wants such has a connection upstream of its
// own, over which its words go as they are. Nothing of it is kept, logged or told to anybody else.

extension SafetyNet {
    /// Says to the upstream what a client says.
    ///
    /// - Parameter joins: it is to join a channel: where that cannot be, the client is let go, since it would
    ///   wait for news that never come.
    /// - Returns: False where it is not said, and never will be.
    @discardableResult func passUp(
        _ bytes: [UInt8], _ client: NetClient, joins: Bool = false, _ my: Context
    ) -> Bool {
        guard let line = client.line ?? openLine(for: client, my) else {
            let words = "Too many private connections, please try later"
            joins ? letGo(client, words, my) : remark(words, to: client, my)
            return false
        }
        if line.isUp { return my.post(.send, to: line.link.connection, bytes) == .taken }
        line.waiting.append(bytes)
        line.waitingBytes += bytes.count
        guard line.waitingBytes > OwnLine.mostWaiting else { return true }
        letGo(client, "too much said before the upstream was there", my)
        return false
    }

    private func openLine(for client: NetClient, _ my: Context) -> OwnLine? {
        guard lines.count < configuration.access.ownLines, lineRate.wait(0, at: my.now) == nil
        else { return nil }
        let line = OwnLine(client.number, stem: configuration.name)
        client.line = line
        lines[client.number] = client
        counters.linesOpened += 1
        line.session = my.start(
            OwnLineKeeper(
                line, owner: my.id, url: upstreamURLs[upstreamPlace].stream,
                trust: configuration.trust, like: makeVenue(line.link.instruments)))
        return line
    }

    func lineSaid(_ text: LineText, _ my: Context) {
        guard let client = lines[text.client] else { return }
        put(text.bytes, to: client, my)
        noteAnswer(text.bytes, client, my)
    }

    func lineChanged(_ change: LineChange, _ my: Context) {
        guard let client = lines[change.client], let line = client.line else { return }
        if let end = change.end {
            return letGo(client, "its connection upstream is lost: \(end)", my)
        }
        line.isUp = true
        for bytes in line.waiting { my.post(.send, to: line.link.connection, bytes) }
        line.waiting = []
        line.waitingBytes = 0
    }

    func closeLine(of client: NetClient, _ my: Context) {
        guard let line = client.line else { return }
        lines[client.number] = nil
        client.line = nil
        forgetCalls(on: line, my)
        if let session = line.session { my.stop(session) }
    }

    /// Ends a client's connection, with the reason: what was on its way for it is not known.
    func letGo(_ client: NetClient, _ reason: String, _ my: Context) {
        remark(reason, to: client, my)
        // Whatever of it still waits goes to nobody: it would open another line.
        fanOut.remove(client)
        closeLine(of: client, my)
        switch client.carrier {
        case .webSocket(let connection): connection.close(.goingAway, reason.short)
        case .socketIO(let session): socketIO.dismiss(session, my)
        }
    }
}

extension String {
    /// So much of it as fits in a close frame.
    var short: String { String(decoding: utf8.prefix(100), as: UTF8.self) }
}
