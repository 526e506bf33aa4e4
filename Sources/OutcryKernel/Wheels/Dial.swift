/// A connection being made: resolve, then try the addresses with a staggered start; the first to answer
/// wins (happy eyeballs, RFC 8305).
final class Dial {
    private unowned let kernel: Kernel
    private unowned let stream: StreamWheel
    private var waiting: [SocketAddress] = []
    private var running = NumberMap<SocketAddress>()
    private var errors: [String] = []
    private var stagger: AlarmID?
    private var timeout: AlarmID?
    private var lookUp: RequestID?
    private var isOver = false
    /// What comes behind the connection; its time is counted anew.
    private let role: TLSRole?

    init(_ kernel: Kernel, _ stream: StreamWheel, _ role: TLSRole? = nil) {
        self.kernel = kernel
        self.stream = stream
        self.role = role
    }

    func start(_ endpoint: Endpoint) {
        let limit = stream.options.connectTimeout
        timeout = kernel.arm(at: kernel.now + limit, period: nil, owner: .none) { [self] _ in
            timeout = nil
            end(.timedOut(limit))
        }
        switch endpoint {
        case .unix(let path): attempt([.unix(path)])
        case .address(let address): attempt([address])
        case .host(let name, let port):
            let ask = { [kernel] in kernel.driver.resolve(name, port: port, $0) }
            lookUp = kernel.request(ask) { [self] _, result in
                lookUp = nil
                switch result {
                case .addresses(let found) where !found.isEmpty: attempt(Self.interleaved(found))
                case .failed(let error): end(.failed(error))
                default: end(.unreachable(["\(name) has no address"]))
                }
            }
        }
    }

    /// Alternates the families, beginning with that of the first address (RFC 8305 section 4).
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        func isV6(_ address: SocketAddress) -> Bool {
            if case .ipv6 = address { true } else { false }
        }
        guard let first = addresses.first else { return [] }
        let same = addresses.filter { isV6($0) == isV6(first) }
        let other = addresses.filter { isV6($0) != isV6(first) }
        var result: [SocketAddress] = []
        for i in 0..<max(same.count, other.count) {
            if i < same.count { result.append(same[i]) }
            if i < other.count { result.append(other[i]) }
        }
        return result
    }

    private func attempt(_ addresses: [SocketAddress]) {
        waiting = addresses
        next()
    }

    private func next() {
        if let old = stagger { kernel.disarm(old) }
        stagger = nil
        while !isOver, !waiting.isEmpty {
            let address = waiting.removeFirst()
            do {
                let id = try kernel.driver.connect(to: address)
                running[id.number] = address
                kernel.wheels[id] = stream
                break
            } catch { errors.append("\(address) \(error)") }
        }
        guard !isOver else { return }
        if running.isEmpty {
            // The owner hears of it after the call that asked for the stream has returned.
            kernel.arm(at: kernel.now, period: nil, owner: .none) { [self] _ in
                end(.unreachable(errors))
            }
        } else if !waiting.isEmpty {
            stagger = kernel.arm(
                at: kernel.now + stream.options.stagger, period: nil, owner: .none
            ) { [self] _ in
                stagger = nil
                next()
            }
        }
    }

    func connected(_ id: TransportID) {
        guard !isOver, running.removeValue(forKey: id.number) != nil else { return }
        over()
        stream.connected(id, role)
    }

    func failed(_ id: TransportID, _ error: SystemError) {
        guard !isOver, let address = running.removeValue(forKey: id.number) else { return }
        kernel.wheels[id] = nil
        kernel.driver.close(id)
        errors.append("\(address) \(error)")
        if !waiting.isEmpty { next() } else if running.isEmpty { end(.unreachable(errors)) }
    }

    private func end(_ reason: StreamEnd) {
        guard !isOver else { return }
        over()
        stream.finish(reason)
    }

    func cancel() { if !isOver { over() } }

    private func over() {
        isOver = true
        if let stagger { kernel.disarm(stagger) }
        if let timeout { kernel.disarm(timeout) }
        if let lookUp { kernel.abandon(lookUp) }
        for id in running.numbers.map(TransportID.init) {
            kernel.wheels[id] = nil
            kernel.driver.close(id)
        }
        running = NumberMap()
    }
}
