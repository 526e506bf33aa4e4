import OutcryKernel

// The fields of each record; TapeReader+Records.swift reads them.

extension TapeWriter {
    func put(_ id: TransportID) { put(id.number) }

    func put(_ error: SystemError) {
        put(error.call)
        put(Int64(error.code))
        put(error.message)
    }

    func put(_ failure: TLSFailure) {
        put(failure.check.rawValue)
        put(failure.name)
        put(failure.expected)
        put(failure.found)
    }

    func put(_ facts: TLSFacts) {
        put(facts.version)
        put(facts.cipher)
        put(facts.applicationProtocol)
        put(facts.isResumed ? 1 : 0 as UInt8)
        put(facts.serverName)
        put(facts.peer)
    }

    func put(_ text: String?) {
        put(text == nil ? 0 : 1 as UInt8)
        if let text { put(text) }
    }

    func put(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, let port):
            put(4 as UInt8)
            put(UInt64(host))
            put(UInt64(port))
        case .ipv6(let high, let low, let scope, let port):
            put(6 as UInt8)
            putWord(high)
            putWord(low)
            put(UInt64(scope))
            put(UInt64(port))
        case .unix(let path):
            put(1 as UInt8)
            put(path)
        }
    }

    func put(_ result: RequestResult) {
        switch result {
        case .addresses(let addresses):
            put(1 as UInt8)
            put(UInt64(addresses.count))
            for address in addresses { put(address) }
        case .bytes(let bytes):
            put(2 as UInt8)
            put(bytes.span)
        case .mark(let number):
            put(3 as UInt8)
            put(number)
        case .done: put(4 as UInt8)
        case .failed(let error):
            put(5 as UInt8)
            put(error)
        }
    }

    func put(_ call: TapeCall, _ answer: TapeAnswer, _ depth: Int) {
        begin(.call, depth)
        put(call.kind.rawValue)
        put(call.number)
        put(call.count)
        put(UInt64(call.hash))
        put(call.text)
        let flags: UInt8 =
            (answer.address == nil ? 0 : 1) | (answer.error == nil ? 0 : 2)
            | (answer.failure == nil ? 0 : 4) | (answer.shorts.isEmpty ? 0 : 8)
        put(flags)
        put(answer.value)
        guard flags != 0 else { return }
        if let address = answer.address { put(address) }
        if let error = answer.error { put(error) }
        if let failure = answer.failure { put(failure) }
        guard !answer.shorts.isEmpty else { return }
        put(UInt64(answer.shorts.count))
        for short in answer.shorts {
            put(UInt64(short.place))
            switch short.outcome {
            case .took(let count):
                put(0 as UInt8)
                put(UInt64(count))
            case .failed(let error):
                put(1 as UInt8)
                put(error)
            }
        }
    }

    func put(_ letter: TapeLetter, _ depth: Int) {
        begin(.letter, depth)
        switch letter {
        case .here: put(0 as UInt8)
        case .mailbox(let number, let event, let bytes):
            put(1 as UInt8)
            put(UInt64(number))
            put(event)
            put(bytes == nil ? 0 : 1 as UInt8)
            if let bytes { put(bytes.span) }
        case .offload(let number):
            put(2 as UInt8)
            put(number)
        case .job: put(3 as UInt8)
        case .clock: put(4 as UInt8)
        }
    }
}
