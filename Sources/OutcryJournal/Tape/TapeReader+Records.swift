import OutcryKernel

// The fields of each record; TapeWriter+Records.swift and TapeTap write them.

extension TapeReader {
    mutating func record(_ kind: TapeKind) throws(TapeEnd) -> TapeRecord {
        switch kind {
        case .time:
            let now = last.now.nanoseconds &+ (try signed())
            let expected = last.wall.microseconds &+ (now &- last.now.nanoseconds) / 1000
            return input(
                .time(
                    TurnTime(
                        now: KernelTime(nanoseconds: now),
                        wall: WallTime(microseconds: expected &+ (try signed())))))
        case .connected: return input(.connected(try transport()))
        case .accepted:
            let listener = try transport()
            let id = try transport()
            return input(.accepted(by: listener, id, peer: try text()))
        case .received:
            let id = try transport()
            let bytes = try content()
            return .input(.received(id, count: bytes.count), bytes: bytes)
        case .ended: return input(.ended(try transport()))
        case .failed:
            let id = try transport()
            return input(.failed(id, try error()))
        case .secured:
            let id = try transport()
            return input(.secured(id, try facts()))
        case .insecure:
            let id = try transport()
            return input(.insecure(id, try failure()))
        case .writable: return input(.writable(try transport()))
        case .wrote:
            let id = try transport()
            return input(.wrote(id, count: Int(clamping: try number())))
        case .completed:
            let request = RequestID(number: try number())
            return input(.completed(request, try result()))
        case .signal: return input(.signal(try signal()))
        case .random: return input(.random(try word()))
        case .clockStep: return input(.clockStep(microseconds: try signed()))
        case .outside:
            let name = try text()
            return input(.outside(name, try byte() == 0 ? nil : try content()))
        case .poll: return .poll
        case .call:
            let call = try call()
            return .call(call, try answer())
        case .letter: return .letter(try letter())
        case .events:
            let count = try number()
            var events: [TapeEvent] = []
            for _ in 0..<count { events.append(TapeEvent(word: try word())) }
            return .events(events)
        case .told:
            let count = try number()
            var events: [TapeEvent] = []
            for _ in 0..<count {
                let word = try word()
                events.append(TapeEvent(word: word, digest: try half()))
            }
            return .events(events)
        case .name: return .name(try text())
        case .runEnded:
            let events = try number()
            return .runEnded(events: events, hash: try word())
        }
    }

    private func input(_ input: Input) -> TapeRecord { .input(input, bytes: []) }

    private mutating func transport() throws(TapeEnd) -> TransportID {
        TransportID(number: try number())
    }

    private mutating func error() throws(TapeEnd) -> SystemError {
        let call = try text()
        let code = Int32(truncatingIfNeeded: try signed())
        return SystemError(call: call, code: code, message: try text())
    }

    private mutating func failure() throws(TapeEnd) -> TLSFailure {
        let name = try text()
        guard let check = TLSFailure.Check(rawValue: name) else {
            throw malformed("a check of TLS", "\"\(name)\"")
        }
        let whom = try text()
        let expected = try text()
        return TLSFailure(check, name: whom, expected: expected, found: try text())
    }

    private mutating func facts() throws(TapeEnd) -> TLSFacts {
        var facts = TLSFacts(version: try text(), cipher: try text())
        facts.applicationProtocol = try optionalText()
        facts.isResumed = try byte() == 1
        facts.serverName = try optionalText()
        facts.peer = try optionalText()
        return facts
    }

    private mutating func optionalText() throws(TapeEnd) -> String? {
        try byte() == 0 ? nil : try text()
    }

    private mutating func address() throws(TapeEnd) -> SocketAddress {
        switch try byte() {
        case 4:
            let host = UInt32(truncatingIfNeeded: try number())
            return .ipv4(host, port: UInt16(truncatingIfNeeded: try number()))
        case 6:
            let high = try word()
            let low = try word()
            let scope = UInt32(truncatingIfNeeded: try number())
            return .ipv6(
                high, low, scope: scope, port: UInt16(truncatingIfNeeded: try number()))
        case 1: return .unix(try text())
        case let other: throw malformed("an address", "kind \(other)")
        }
    }

    private mutating func result() throws(TapeEnd) -> RequestResult {
        switch try byte() {
        case 1:
            var addresses: [SocketAddress] = []
            for _ in 0..<(try number()) { addresses.append(try address()) }
            return .addresses(addresses)
        case 2: return .bytes(try content())
        case 3: return .mark(try number())
        case 4: return .done
        case 5: return .failed(try error())
        case let other: throw malformed("an outcome", "kind \(other)")
        }
    }

    private mutating func signal() throws(TapeEnd) -> SystemSignal {
        switch try byte() {
        case 1: return .interrupt
        case 2: return .terminate
        case 3: return .hangup
        case let other: throw malformed("a signal", "kind \(other)")
        }
    }

    private mutating func call() throws(TapeEnd) -> TapeCall {
        let code = try byte()
        guard let kind = TapeCallKind(rawValue: code) else {
            throw malformed("a call", "kind \(code)")
        }
        let number = try number()
        let count = try self.number()
        let hash = UInt32(truncatingIfNeeded: try self.number())
        return TapeCall(kind: kind, number: number, count: count, hash: hash, text: try text())
    }

    private mutating func answer() throws(TapeEnd) -> TapeAnswer {
        let flags = try byte()
        var answer = TapeAnswer(value: try number())
        if flags & 1 != 0 { answer.address = try address() }
        if flags & 2 != 0 { answer.error = try error() }
        if flags & 4 != 0 { answer.failure = try failure() }
        guard flags & 8 != 0 else { return answer }
        for _ in 0..<(try number()) {
            let place = Int(clamping: try number())
            let outcome: ShortWrite =
                try byte() == 0 ? .took(Int(clamping: try number())) : .failed(try error())
            answer.shorts.append((place, outcome))
        }
        return answer
    }

    private mutating func letter() throws(TapeEnd) -> TapeLetter {
        switch try byte() {
        case 0: return .here
        case 1:
            let number = Int(clamping: try number())
            let event = try text()
            return .mailbox(number, event: event, bytes: try byte() == 0 ? nil : try content())
        case 2: return .offload(try number())
        case 3: return .job
        case 4: return .clock
        case let other: throw malformed("a letter", "kind \(other)")
        }
    }
}
