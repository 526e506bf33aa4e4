import Glibc

/// What a kernel runs on: the reactor, or the simulation.
///
/// A driver waits for input and hands every piece of it to ``Kernel/receive(_:)``; it never calls a
/// session. All of it but `waker` is used on the kernel's thread only.
public protocol Driver: Transport, Resolver, Storage, Offload, Entropy {
    /// The driver that a kernel made with this one runs on: this one, or what records it or stands in for it.
    /// Asked once, first of all.
    var inForce: any Driver { get }

    /// Called once, by the kernel that will run on this driver and outlives it not.
    func attach(to kernel: Kernel)

    /// Wakes the driver from its wait; called from any thread, often.
    var waker: @Sendable () -> Void { get }

    /// The time now.
    func time() -> TurnTime

    /// Waits until there is input, `deadline` is reached or the waker was called; without a deadline
    /// as long as it takes. A deadline that is past says: look, do not wait.
    ///
    /// Gives the kernel first the time (`Input.time`), then the inputs. While ``Kernel/isCongested``
    /// holds, it leaves readable streams for later. Before it sleeps it calls ``Kernel/mayFallAsleep()``
    /// and does not wait when that says no; after it has slept it calls ``Kernel/isAwake()``.
    func poll(until deadline: KernelTime?)

    /// Writes one line of diagnostics where a person will see it.
    func emit(_ line: String)

    /// Hands out what the program was run for, such as a report at its end: on the standard output, as a rule.
    func report(_ text: String)

    /// What the program's surroundings say under a name, as a process's environment does; nil: nothing.
    func variable(_ name: String) -> String?
}

extension Driver {
    /// Itself.
    public var inForce: any Driver { self }

    /// Where diagnostics go.
    public func report(_ text: String) { emit(text) }

    /// Nothing.
    public func variable(_ name: String) -> String? { nil }
}

/// Byte streams: connections and listeners.
///
/// A driver gives each transport a number that it never gives out again, so that news of a closed one
/// cannot reach another.
public protocol Transport: AnyObject {
    /// Begins to connect. The outcome comes as `Input.connected` or `Input.failed`.
    func connect(to address: SocketAddress) throws(SystemError) -> TransportID

    /// Begins to listen. Connections come as `Input.accepted`, numbered and ready to be read.
    ///
    /// - Returns: The transport, and the address with the port that it got when 0 was asked for.
    func listen(on address: SocketAddress) throws(SystemError) -> (TransportID, SocketAddress)

    /// Has the system keep so many unwritten bytes at most for each connection that a listener will bring.
    ///
    /// - Returns: False where the driver's system has no such bound, or does not take it.
    @discardableResult func limitSystemBuffer(_ listener: TransportID, to bytes: Int) -> Bool

    /// Turns reading (for a listener, accepting) on or off. It is on at first.
    func setReading(_ transport: TransportID, _ on: Bool)

    /// Takes as many of the bytes as go now, from the front.
    ///
    /// When it takes fewer than all, `Input.writable` comes as soon as it would take more.
    func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int

    /// Offers the same bytes to many, in their order, each as by ``write(_:_:)``.
    ///
    /// - Parameter short: Is told the place of each that did not take all, and how it went there. It asks
    ///   nothing of the driver.
    func write(
        _ bytes: Span<UInt8>, to transports: Span<TransportID>,
        _ short: (Int, ShortWrite) -> Void)

    /// Ends this side's half: the other side reads to the end. Asked again, it goes on where it was.
    ///
    /// - Returns: False while the good-bye of a secret stream has not gone: `Input.writable` comes when it
    ///   is worth asking again.
    @discardableResult func endWriting(_ transport: TransportID) -> Bool

    /// Looks whether certificate and key can be used, reading files anew: what a listener does first.
    func prepare(_ options: TLSServerOptions) throws(TLSFailure)

    /// Makes a connected transport secret: from here on the kernel puts and gets plain bytes, the other side
    /// gets TLS. Nothing is unread, and nothing is being written.
    ///
    /// The outcome comes as `Input.secured` or `Input.insecure` (or `failed`); until then nothing is read or
    /// written. An end without a good-bye is `Input.insecure`, an orderly one `Input.ended`.
    ///
    /// - Throws: When the options cannot be used.
    func secure(_ transport: TransportID, _ role: TLSRole) throws(TLSFailure)

    /// Forgets the transport. Nothing is heard of it any more.
    func close(_ transport: TransportID)
}

extension Transport {
    /// There is no such bound.
    @discardableResult public func limitSystemBuffer(
        _ listener: TransportID, to bytes: Int
    ) -> Bool { false }

    /// One after the other.
    public func write(
        _ bytes: Span<UInt8>, to transports: Span<TransportID>,
        _ short: (Int, ShortWrite) -> Void
    ) {
        for place in transports.indices {
            do throws(SystemError) {
                let count = try write(transports[place], bytes)
                if count < bytes.count { short(place, .took(count)) }
            } catch { short(place, .failed(error)) }
        }
    }
}

/// How a write went that did not take all.
public enum ShortWrite: Sendable {
    /// It took so many bytes.
    case took(Int)
    /// It failed.
    case failed(SystemError)
}

/// Names to addresses.
public protocol Resolver: AnyObject {
    /// Looks up `host`; the outcome comes as `Input.completed` with `addresses` or `failed`.
    func resolve(_ host: String, port: UInt16, _ request: RequestID)
}

/// Files, without waiting for a disk. Every outcome comes as `Input.completed`.
public protocol Storage: AnyObject {
    /// Reads a whole file: `bytes` or `failed`.
    func read(_ path: String, _ request: RequestID)
    /// Appends to a file, which is made where it is not there: `done` or `failed`.
    func append(_ path: String, _ bytes: [UInt8], _ request: RequestID)
    /// Puts a new content in the place of the old one, wholly or not at all: `done` or `failed`.
    func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID)
    /// Takes `count` consecutive numbers from a file that processes share, which is made where it is not
    /// there, for its owner's eyes only: `mark` with the first, or `failed`. The content is ``SharedMark``'s.
    ///
    /// The first is greater than every number that was ever taken from the file, and `floor` or greater.
    /// What is no number is left as it is, and `failed`. A process may die at any moment, and no number is
    /// given out twice; but nothing is forced to the disk, which would cost each call some milliseconds:
    /// after a power failure the file may be as it was some seconds ago, or empty. Whoever needs numbers
    /// that are new then too makes `floor` the time.
    func advance(
        _ path: String, past floor: UInt64, by count: UInt64, _ request: RequestID)
    /// Locks a file against other processes until ``unlock(_:of:)``: `done` or `failed`.
    ///
    /// - Parameter waits: Whether to wait for as long as somebody else has it, instead of failing. Those of
    ///   one kernel who wait for a file get it one after the other, in the order they asked.
    func lock(_ path: String, waits: Bool, _ request: RequestID)
    /// Gives back the lock that `request` got, or ends its wait: `failed` (125, ECANCELED). Does nothing
    /// where it has neither.
    func unlock(_ path: String, of request: RequestID)
}

/// Work that would hold up the loop.
public protocol Offload: AnyObject {
    /// Runs `work` elsewhere. What it has to say comes back through a ``Mailbox``.
    func offload(_ work: @escaping @Sendable () -> Void)
}

/// Randomness.
public protocol Entropy: AnyObject {
    /// 64 random bits.
    func entropy() -> UInt64
}

/// One transport of one driver.
@frozen public struct TransportID: Hashable, Sendable, CustomStringConvertible {
    /// The driver's number, never given out twice. Its low half is a slot, which should be small and may
    /// be used again: the kernel keeps a table with a place for each.
    public let number: UInt64
    /// Wraps a driver's number.
    public init(number: UInt64) { self.number = number }
    /// The number, for traces.
    public var description: String { "transport \(number)" }
}

/// One request of a kernel to its driver.
@frozen public struct RequestID: Hashable, Sendable {
    /// The kernel's number.
    public let number: UInt64
    /// Wraps a kernel's number.
    public init(number: UInt64) { self.number = number }
}

/// The outcome of a request.
public enum RequestResult: Sendable {
    /// The resolver's answer, in the order of the system's preference.
    case addresses([SocketAddress])
    /// A file's content.
    case bytes([UInt8])
    /// The first of the numbers that were taken.
    case mark(UInt64)
    /// Done.
    case done
    /// Not done.
    case failed(SystemError)
}

/// Where a socket is, or should go.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address, most significant byte first, and a port.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address in two halves, the scope (0: none) and a port.
    case ipv6(UInt64, UInt64, scope: UInt32, port: UInt16)
    /// A path in the file system.
    case unix(String)

    /// 127.0.0.1 and a port.
    public static func loopback(port: UInt16) -> SocketAddress { .ipv4(0x7f00_0001, port: port) }

    /// The port; 0 for a path.
    public var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, _, let port): port
        case .unix: 0
        }
    }

    /// The same place with another port; a path has none.
    public func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let high, let low, let scope, _): .ipv6(high, low, scope: scope, port: port)
        case .unix: self
        }
    }

    /// `127.0.0.1:80`, `[0:0:0:0:0:0:0:1]:80`, `unix:/run/feed`.
    public var description: String {
        switch self {
        case .ipv4(let a, let port):
            return "\(a >> 24).\(a >> 16 & 255).\(a >> 8 & 255).\(a & 255):\(port)"
        case .ipv6(let high, let low, let scope, let port):
            let groups = [high, low].flatMap { half in
                [48, 32, 16, 0].map { String(half >> UInt64($0) & 0xffff, radix: 16) }
            }
            let zone = scope == 0 ? "" : "%\(scope)"
            return "[\(groups.joined(separator: ":"))\(zone)]:\(port)"
        case .unix(let path): return "unix:\(path)"
        }
    }
}

/// A call to the system that failed.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, for instance `connect`.
    public let call: String
    /// The system's error number.
    public let code: Int32
    /// The system's words for it.
    public let message: String

    /// Makes an error of a call.
    public init(call: String, code: Int32, message: String) {
        self.call = call
        self.code = code
        self.message = message
    }

    /// There is no such file.
    public var isMissingFile: Bool { code == ENOENT }

    /// Somebody else has the lock that was not waited for.
    public var isLocked: Bool { code == EWOULDBLOCK }

    /// `connect: Connection refused (111)`.
    public var description: String { "\(call): \(message) (\(code))" }
}
