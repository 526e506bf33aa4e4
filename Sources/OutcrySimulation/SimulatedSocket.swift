import OutcryBytes
import OutcryKernel

/// One end of a connection, or a listener, in a simulated world.
final class SimulatedSocket {
    enum Phase { case connecting, open, listening, closed }
    enum Packet {
        case bytes([UInt8])
        case hello(SimulatedHello)
        case end
        case reset
    }

    let id: TransportID
    /// Whose socket it is; nil where a ``SimulatedPeer`` has it.
    weak var owner: Simulation?
    var peer: SimulatedPeer?
    /// A test has it, not a kernel.
    var isPeers = false
    /// The address of the listening side: it decides the faults.
    let link: SocketAddress
    /// The address of this end, as the other side is told.
    let name: String
    var phase: Phase
    var other: TransportID?
    /// Something that it sent, or was sent, has vanished: everything does from then on.
    var isSevered = false
    var isReading = true
    /// On its owner's list of sockets that have something to read.
    var isQueued = false

    // Receiving.
    let received = ByteQueue(limit: .max)
    var hasEnd = false
    var error: SystemError?
    var backlog: [TransportID] = []

    // A secret stream's handshake.
    var role: TLSRole?
    var hello: SimulatedHello?
    var isDoomed = false
    var isSecret = false

    // Sending: packets on their way to the other end, in order.
    var flight: [(due: Int64, packet: Packet)] = []
    var flightHead = 0
    var isFlying = false
    var lastDue: Int64 = 0
    /// How often the first packet in flight was dropped.
    var drops = 0
    /// Bytes written and not yet read at the other end.
    var outstanding = 0
    var isBlocked = false
    var hasSentEnd = false

    init(
        _ id: TransportID, owner: Simulation?, link: SocketAddress, name: String, phase: Phase
    ) {
        self.id = id
        self.owner = owner
        self.link = link
        self.name = name
        self.phase = phase
    }

    var nextDue: Int64? { flightHead < flight.count ? flight[flightHead].due : nil }

    func popPacket() -> Packet {
        let packet = flight[flightHead].packet
        drops = 0
        flightHead += 1
        if flightHead == flight.count {
            flight.removeAll(keepingCapacity: true)
            flightHead = 0
        } else if flightHead > 256, flightHead * 2 > flight.count {
            flight.removeFirst(flightHead)
            flightHead = 0
        }
        return packet
    }
}

extension SystemError {
    static let refused = SystemError(call: "connect", code: 111, message: "Connection refused")
    static let noSuchPath = SystemError(
        call: "connect", code: 2, message: "No such file or directory")
    static let inUse = SystemError(call: "bind", code: 98, message: "Address already in use")
    static let reset = SystemError(call: "recv", code: 104, message: "Connection reset by peer")
    static let brokenPipe = SystemError(call: "send", code: 32, message: "Broken pipe")
    static let unknownName = SystemError(
        call: "getaddrinfo", code: -2, message: "Name or service not known")
    static let noSpace = SystemError(
        call: "write", code: 28, message: "No space left on device")
    static let noSuchFile = SystemError(
        call: "open", code: 2, message: "No such file or directory")
    static let locked = SystemError(
        call: "flock", code: 11, message: "Resource temporarily unavailable")
    static let canceled = SystemError(call: "flock", code: 125, message: "Operation canceled")
}
