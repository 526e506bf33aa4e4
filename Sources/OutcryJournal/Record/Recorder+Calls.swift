public import OutcryKernel

// What the kernel asks, passed on and noted.

extension Recorder {
    /// Passed on and noted.
    public func connect(to address: SocketAddress) throws(SystemError) -> TransportID {
        var id = TransportID(number: 0)
        try noted(.connect(address)) { (answer: inout TapeAnswer) throws(SystemError) in
            do throws(SystemError) {
                id = try base.connect(to: address)
                answer.value = id.number
            } catch {
                answer.error = error
                throw error
            }
        }
        return id
    }

    /// Passed on and noted.
    public func listen(
        on address: SocketAddress
    ) throws(SystemError) -> (TransportID, SocketAddress) {
        var result = (TransportID(number: 0), address)
        try noted(.listen(address)) { (answer: inout TapeAnswer) throws(SystemError) in
            do throws(SystemError) {
                result = try base.listen(on: address)
                answer.value = result.0.number
                answer.address = result.1
            } catch {
                answer.error = error
                throw error
            }
        }
        return result
    }

    /// Passed on and noted.
    @discardableResult public func limitSystemBuffer(
        _ listener: TransportID, to bytes: Int
    ) -> Bool {
        var isDone = false
        noted(TapeCall(kind: .limitSystemBuffer, number: listener.number, count: UInt64(bytes))) {
            isDone = base.limitSystemBuffer(listener, to: bytes)
            $0.value = isDone ? 1 : 0
        }
        return isDone
    }

    /// Passed on and noted.
    public func setReading(_ transport: TransportID, _ on: Bool) {
        noted(TapeCall(kind: .setReading, number: transport.number, count: on ? 1 : 0)) { _ in
            base.setReading(transport, on)
        }
    }

    /// Passed on and noted, by length and hash.
    public func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int {
        var count = 0
        try noted(.write(transport, bytes)) { (answer: inout TapeAnswer) throws(SystemError) in
            do throws(SystemError) {
                count = try base.write(transport, bytes)
                answer.value = UInt64(count)
            } catch {
                answer.error = error
                throw error
            }
        }
        return count
    }

    /// Passed on and noted, by length and hash.
    public func write(
        _ bytes: Span<UInt8>, to transports: Span<TransportID>,
        _ short: (Int, ShortWrite) -> Void
    ) {
        noted(.write(bytes, to: transports)) { answer in
            var shorts: [(place: Int, outcome: ShortWrite)] = []
            base.write(bytes, to: transports) { place, outcome in
                shorts.append((place, outcome))
                short(place, outcome)
            }
            answer.shorts = shorts
        }
    }

    /// Passed on and noted.
    @discardableResult public func endWriting(_ transport: TransportID) -> Bool {
        var isDone = true
        noted(TapeCall(kind: .endWriting, number: transport.number)) {
            isDone = base.endWriting(transport)
            $0.value = isDone ? 1 : 0
        }
        return isDone
    }

    /// Passed on and noted, without what the options hold.
    public func prepare(_ options: TLSServerOptions) throws(TLSFailure) {
        try noted(TapeCall(kind: .prepare)) { (answer: inout TapeAnswer) throws(TLSFailure) in
            do throws(TLSFailure) { try base.prepare(options) } catch {
                answer.failure = error
                throw error
            }
        }
    }

    /// Passed on and noted, without what the options hold.
    public func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure) {
        try noted(.secure(transport, role)) { (answer: inout TapeAnswer) throws(TLSFailure) in
            do throws(TLSFailure) { try base.secure(transport, role) } catch {
                answer.failure = error
                throw error
            }
        }
    }

    /// Passed on and noted.
    public func close(_ transport: TransportID) {
        noted(TapeCall(kind: .close, number: transport.number)) { _ in base.close(transport) }
    }

    /// Passed on and noted.
    public func resolve(_ host: String, port: UInt16, _ request: RequestID) {
        noted(.resolve(host, port, request)) { _ in base.resolve(host, port: port, request) }
    }

    /// Passed on and noted.
    public func read(_ path: String, _ request: RequestID) {
        noted(.file(.read, path, request)) { _ in base.read(path, request) }
    }

    /// Passed on and noted, by length and hash.
    public func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        noted(.file(.append, path, request, bytes)) { _ in base.append(path, bytes, request) }
    }

    /// Passed on and noted, by length and hash.
    public func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        noted(.file(.replace, path, request, bytes)) { _ in base.replace(path, bytes, request) }
    }

    /// Passed on and noted.
    public func advance(
        _ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID
    ) {
        noted(.advance(path, floor, count, request)) { _ in
            base.advance(path, past: floor, by: count, request)
        }
    }

    /// Passed on and noted.
    public func lock(_ path: String, waits: Bool, _ request: RequestID) {
        var call = TapeCall.file(.lock, path, request)
        call.count = waits ? 1 : 0
        noted(call) { _ in base.lock(path, waits: waits, request) }
    }

    /// Passed on and noted.
    public func unlock(_ path: String, of request: RequestID) {
        noted(.file(.unlock, path, request)) { _ in base.unlock(path, of: request) }
    }

    /// Passed on and noted.
    public func offload(_ work: @escaping @Sendable () -> Void) {
        noted(TapeCall(kind: .offload)) { _ in base.offload(work) }
    }
}

extension TapeCall {
    static func connect(_ address: SocketAddress) -> TapeCall {
        TapeCall(kind: .connect, text: "\(address)")
    }

    static func listen(_ address: SocketAddress) -> TapeCall {
        TapeCall(kind: .listen, text: "\(address)")
    }

    static func write(_ transport: TransportID, _ bytes: Span<UInt8>) -> TapeCall {
        TapeCall(
            kind: .write, number: transport.number, count: UInt64(bytes.count),
            hash: UInt32(truncatingIfNeeded: BlockHash.of(bytes)))
    }

    static func write(_ bytes: Span<UInt8>, to transports: Span<TransportID>) -> TapeCall {
        var hash = BlockHash.of(bytes)
        for place in transports.indices { hash = BlockHash.step(hash, transports[place].number) }
        return TapeCall(
            kind: .writeToMany, number: UInt64(transports.count), count: UInt64(bytes.count),
            hash: UInt32(truncatingIfNeeded: hash))
    }

    static func secure(_ transport: TransportID, _ role: TLSRole) -> TapeCall {
        let text: String
        switch role {
        case .client(_, let name): text = "as a client of \(name)"
        case .server: text = "as a server"
        }
        return TapeCall(kind: .secure, number: transport.number, text: text)
    }

    static func resolve(_ host: String, _ port: UInt16, _ request: RequestID) -> TapeCall {
        TapeCall(kind: .resolve, number: request.number, count: UInt64(port), text: host)
    }

    static func file(
        _ kind: TapeCallKind, _ path: String, _ request: RequestID, _ bytes: [UInt8] = []
    ) -> TapeCall {
        TapeCall(
            kind: kind, number: request.number, count: UInt64(bytes.count),
            hash: UInt32(truncatingIfNeeded: BlockHash.of(bytes.span)), text: path)
    }

    static func advance(
        _ path: String, _ floor: UInt64, _ count: UInt64, _ request: RequestID
    ) -> TapeCall {
        TapeCall(
            kind: .advance, number: request.number, count: count,
            hash: UInt32(truncatingIfNeeded: BlockHash.step(floor, count)), text: path)
    }
}
