public import OutcryKernel

/// Everything outside the kernels of a simulation: the time, the network, the disk. One seed decides it all.
///
/// Several kernels may live in one world, each on a ``Simulation`` of its own: a bot and its exchange, or a
/// program before and after its crash. Time is virtual: it jumps to the next thing that will happen when no
/// kernel has anything left to do, and stands still otherwise. A world belongs to one thread.
public final class SimulatedWorld {
    /// The seed that was given.
    public let seed: UInt64
    /// The time now, since the world began.
    public internal(set) var now = KernelTime.zero
    /// The disk that every simulation of this world uses unless it was given another.
    public let storage: SimulatedStorage
    /// How links behave of which nothing else was said.
    public var faults = NetworkFaults() { didSet { resume() } }

    /// Is told the time before it jumps there: may wait, so that a run can be watched.
    public var onJump: ((KernelTime) -> Void)?

    var wallOrigin: WallTime
    var agenda = Agenda()
    var random: SeededGenerator
    var drivers: [Weak] = []
    var nextDriver: UInt64 = 1

    private var linkFaults: [SocketAddress: NetworkFaults] = [:]
    private var nextTransport: UInt64 = 1
    private var nextPort: UInt16 = 49_152
    private var names: [String: [SocketAddress]] = [:]
    var sockets: [TransportID: SimulatedSocket] = [:]
    var listeners: [SocketAddress: TransportID] = [:]
    /// Connections whose first packet is held by a stall, in order.
    var held: [TransportID] = []

    struct Weak {
        weak var driver: Simulation?
    }

    /// Begins a world.
    ///
    /// - Parameters:
    ///   - seed: Decides every latency, cut, fault and random number.
    ///   - wall: The calendar time at the beginning; 2013-01-01 00:00 UTC if not said.
    public init(
        seed: UInt64, wall: WallTime = WallTime(microseconds: 1_356_998_400_000_000)
    ) {
        self.seed = seed
        wallOrigin = wall
        random = SeededGenerator(seed: seed)
        storage = SimulatedStorage(seed: seed)
        names["localhost"] = [.loopback(port: 0)]
    }

    /// The calendar time now.
    public var wallNow: WallTime { wallOrigin + (now - .zero) }

    /// Sets the calendar clock forward (or back); the kernels are told.
    public func stepWallClock(by change: Duration) {
        wallOrigin = wallOrigin + change
        for driver in living {
            driver.add(.clockStep(microseconds: change.nanoseconds / 1000))
        }
    }

    var living: [Simulation] { drivers.compactMap(\.driver) }

    // MARK: Names and links

    /// Lets `host` mean these addresses (their ports do not matter); none takes the name away.
    public func setName(_ host: String, to addresses: [SocketAddress]) {
        names[host] = addresses.isEmpty ? nil : addresses
    }

    func addresses(of host: String, port: UInt16) -> [SocketAddress]? {
        guard let found = names[host] ?? SocketAddress.parse(host).map({ [$0] }) else {
            return nil
        }
        return found.map { $0.with(port: port) }
    }

    /// Gives the links to one listening address faults of their own; nil takes them back.
    public func setFaults(_ faults: NetworkFaults?, for address: SocketAddress) {
        linkFaults[address] = faults
        resume()
    }

    /// How the links to a listening address behave now.
    public func faults(for address: SocketAddress) -> NetworkFaults {
        linkFaults[address] ?? faults
    }

    func latency(_ link: SocketAddress) -> Int64 {
        let range = faults(for: link).latency
        return .random(
            in: range.lowerBound.nanoseconds...range.upperBound.nanoseconds, using: &random)
    }

    /// Whether a thing that happens once in so many times (0: never) happens now.
    func happens(oneIn count: Int) -> Bool {
        count > 0 && Int.random(in: 0..<count, using: &random) == 0
    }

    func plan(after delay: Int64, _ action: @escaping Agenda.Action) {
        agenda.add((now + .nanoseconds(delay)).nanoseconds, action)
    }

    func newTransport() -> TransportID {
        defer { nextTransport += 1 }
        return TransportID(number: nextTransport)
    }

    func newPort() -> UInt16 {
        defer { nextPort = nextPort == .max ? 49_152 : nextPort + 1 }
        return nextPort
    }
}
