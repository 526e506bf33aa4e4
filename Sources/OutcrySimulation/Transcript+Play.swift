import OutcryKernel

extension Transcript {
    /// Plays the conversation with the program at the other end of `peer`, to the byte.
    ///
    /// Bytes that the program has to send have to come within `patience` of virtual time. Before time is
    /// let pass, before anything is sent, and at the end, nothing else may have come: what comes while time
    /// passes has to be expected right behind it.
    ///
    /// - Throws: ``TranscriptError`` with the line, what was expected there and what was found.
    public func play(
        with peer: SimulatedPeer, in world: SimulatedWorld,
        patience: Duration = .seconds(1)
    ) throws(TranscriptError) {
        guard world.run(within: patience, until: { peer.isConnected || peer.error != nil }),
            peer.isConnected
        else {
            let found = peer.error.map { "\($0)" } ?? "none within \(patience)"
            throw TranscriptError(
                line: steps.first?.line ?? 1, expected: "a connection", found: found)
        }
        for step in steps {
            switch step.action {
            case .send(let bytes):
                try nothingMore(peer, step.line)
                peer.send(bytes)
            case .end:
                try nothingMore(peer, step.line)
                peer.end()
            case .reset:
                try nothingMore(peer, step.line)
                peer.reset()
            case .wait(let time):
                // What the program has to say to what it got last comes first.
                world.advance(by: .zero)
                try nothingMore(peer, step.line)
                world.advance(by: time)
            case .expect(let bytes): try expect(bytes, peer, world, patience, step.line)
            case .expectEnd:
                _ = world.run(within: patience) { peer.hasEnded || !peer.received.isEmpty }
                try nothingMore(peer, step.line)
                guard peer.hasEnded, peer.error == nil else {
                    throw TranscriptError(
                        line: step.line, expected: "the end of the stream",
                        found: peer.error.map { "\($0)" } ?? "nothing within \(patience)")
                }
            }
        }
        _ = world.run(within: patience) { !peer.received.isEmpty }
        try nothingMore(peer, (steps.last?.line ?? 0) + 1)
    }

    private func expect(
        _ bytes: [UInt8], _ peer: SimulatedPeer, _ world: SimulatedWorld, _ patience: Duration,
        _ line: Int
    ) throws(TranscriptError) {
        _ = world.run(within: patience) {
            peer.received.count >= bytes.count || !bytes.starts(with: peer.received)
                || peer.hasEnded
        }
        let found = peer.take(bytes.count)
        guard found != bytes else { return }
        var more = ""
        if let error = peer.error {
            more = ", then \(error)"
        } else if peer.hasEnded {
            more = ", then the end of the stream"
        } else if bytes.starts(with: found) {
            more = " and no more within \(patience)"
        }
        throw TranscriptError(
            line: line, expected: "\"\(Self.escaped(bytes))\"",
            found: "\"\(Self.escaped(found))\"" + more)
    }

    private func nothingMore(_ peer: SimulatedPeer, _ line: Int) throws(TranscriptError) {
        guard !peer.received.isEmpty else { return }
        throw TranscriptError(
            line: line, expected: "nothing more from the program",
            found: "\"\(Self.escaped(peer.received))\"")
    }
}
