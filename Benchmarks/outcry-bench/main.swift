import OutcryKernel

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "kernel":
    try KernelBench.run(json: arguments.contains("--json")) { NullDriver() }
default:
    print("usage: outcry-bench kernel [--json]")
}
final class NullDriver: Driver {
    weak var kernel: Kernel?
    func attach(to kernel: Kernel) { self.kernel = kernel }
    var waker: @Sendable () -> Void { {} }
    func time() -> TurnTime { TurnTime(now: .zero, wall: WallTime(microseconds: 0)) }
    func poll(until deadline: KernelTime?) {}
    func emit(_ line: String) { print(line) }
    func connect(to address: SocketAddress) throws(SystemError) -> TransportID { TransportID(number: 0) }
    func listen(on address: SocketAddress) throws(SystemError) -> (TransportID, SocketAddress) { (TransportID(number: 0), address) }
    func setReading(_ transport: TransportID, _ on: Bool) {}
    func write(_ transport: TransportID, _ bytes: Span<UInt8>) throws(SystemError) -> Int { 0 }
    func endWriting(_ transport: TransportID) {}
    func close(_ transport: TransportID) {}
    func resolve(_ host: String, port: UInt16, _ request: RequestID) {}
    func read(_ path: String, _ request: RequestID) {}
    func append(_ path: String, _ bytes: [UInt8], _ request: RequestID) {}
    func replace(_ path: String, _ bytes: [UInt8], _ request: RequestID) {}
    func lock(_ path: String, _ request: RequestID) {}
    func unlock(_ path: String) {}
    func offload(_ work: @escaping @Sendable () -> Void) { work() }
    func entropy() -> UInt64 { 7 }
}
