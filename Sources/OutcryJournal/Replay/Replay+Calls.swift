public import OutcryKernel

// What the kernel asks is compared with what it asked then, and answered with what it was answered.

extension Replay {
    /// The recorded outcome.
    public func connect(to address: SocketAddress) throws(SystemError) -> TransportID {
        TransportID(number: try tap.answered(.connect(address)).value)
    }

    /// The recorded outcome.
    public func listen(
        on address: SocketAddress
    ) throws(SystemError) -> (TransportID, SocketAddress) {
        let answer = try tap.answered(.listen(address))
        return (TransportID(number: answer.value), answer.address ?? address)
    }

    /// The recorded outcome.
    @discardableResult public func limitSystemBuffer(
        _ listener: TransportID, to bytes: Int
    ) -> Bool {
        tap.answer(
            TapeCall(kind: .limitSystemBuffer, number: listener.number, count: UInt64(bytes))
        ).value == 1
    }

    /// Compared.
    public func setReading(_ transport: TransportID, _ on: Bool) {
        _ = tap.answer(
            TapeCall(kind: .setReading, number: transport.number, count: on ? 1 : 0))
    }

    /// Compared, and the recorded outcome.
    public func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int {
        min(bytes.count, Int(clamping: try tap.answered(.write(transport, bytes)).value))
    }

    /// Compared, and the recorded outcome.
    public func write(
        _ bytes: Span<UInt8>, to transports: Span<TransportID>,
        _ short: (Int, ShortWrite) -> Void
    ) {
        for one in tap.answer(.write(bytes, to: transports)).shorts {
            short(one.place, one.outcome)
        }
    }

    /// The recorded outcome.
    @discardableResult public func endWriting(_ transport: TransportID) -> Bool {
        tap.answer(TapeCall(kind: .endWriting, number: transport.number)).value == 1
    }

    /// The recorded outcome.
    public func prepare(_ options: TLSServerOptions) throws(TLSFailure) {
        if let failure = tap.answer(TapeCall(kind: .prepare)).failure { throw failure }
    }

    /// The recorded outcome.
    public func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure) {
        if let failure = tap.answer(.secure(transport, role)).failure { throw failure }
    }

    /// Compared.
    public func close(_ transport: TransportID) {
        _ = tap.answer(TapeCall(kind: .close, number: transport.number))
    }

    /// Compared; the outcome comes when it came then.
    public func resolve(_ host: String, port: UInt16, _ request: RequestID) {
        _ = tap.answer(.resolve(host, port, request))
    }

    /// Compared; the outcome comes when it came then.
    public func read(_ path: String, _ request: RequestID) {
        _ = tap.answer(.file(.read, path, request))
    }

    /// Compared; nothing is written.
    public func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        _ = tap.answer(.file(.append, path, request, bytes))
    }

    /// Compared; nothing is written.
    public func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {
        _ = tap.answer(.file(.replace, path, request, bytes))
    }

    /// Compared; the outcome comes when it came then.
    public func advance(
        _ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID
    ) { _ = tap.answer(.advance(path, floor, count, request)) }

    /// Compared; nothing is locked.
    public func lock(_ path: String, waits: Bool, _ request: RequestID) {
        var call = TapeCall.file(.lock, path, request)
        call.count = waits ? 1 : 0
        _ = tap.answer(call)
    }

    /// Compared.
    public func unlock(_ path: String, of request: RequestID) {
        _ = tap.answer(.file(.unlock, path, request))
    }

    /// Keeps the work until the journal says that its letter was opened.
    public func offload(_ work: @escaping @Sendable () -> Void) {
        _ = tap.answer(TapeCall(kind: .offload))
        tap.works.append(work)
    }
}
