import OutcrySandbox

@testable import Outcry

/// A client on the kernel of an exchange, in virtual time.
final class ClientHouse {
    let world: SimulatedWorld
    let kernel: Kernel
    let exchange: SandboxExchange
    let client: MtGoxClient
    private let doorman = ClientDoorman()

    struct NoAccount: Error {}

    init(
        seed: UInt64, hasKey: Bool = true, port: Int = 8080,
        _ change: (inout MtGoxClientOptions) -> Void = { _ in }
    ) throws {
        world = SimulatedWorld(seed: seed)
        kernel = Kernel(driver: Simulation(in: world))
        kernel.logLevel = .error
        var configuration = SandboxConfiguration()
        configuration.speed = 60
        exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: "exchange")
        kernel.start(doorman, alias: "doorman")
        world.advance(by: .seconds(1))
        guard let account = doorman.account else { throw NoAccount() }
        var options = MtGoxClientOptions()
        change(&options)
        client = try MtGoxClient(
            on: kernel, url: VenueURL("http://127.0.0.1:\(port)"),
            hasKey ? MtGoxCredentials(key: account.key, secret: account.secret) : nil, options)
    }

    /// Sets what the exchange does wrong.
    func set(_ name: String, _ text: String) {
        kernel.post(.clientFault, to: "doorman", SandboxFaultSetting(name, text))
        world.advance(by: .milliseconds(1))
    }
}

private final class ClientDoorman: Session {
    var account: SandboxAccount?

    static func handlers(_ on: inout Handlers<ClientDoorman>) {
        on(.started) { _, _, my in
            let money = [Money("1000", .usd), Money("10", .btc)].compactMap(\.self)
            my.ask(
                .sandboxAccount, to: "exchange", SandboxAccountWish("script", money: money),
                timeout: .seconds(1), then: .clientAccount)
        }
        on(.clientAccount) { me, answer, _ in
            if case .reply(.success(let account)) = copy answer { me.account = account }
        }
        on(.clientFault) { _, setting, my in
            my.ask(
                .sandboxFaults, to: "exchange", [copy setting], timeout: .seconds(1),
                then: .clientFaultSet)
        }
        on(.clientFaultSet) { _, _, _ in }
    }
}

extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let clientAccount = Self("client.test.account")
}
extension Event where Payload == SandboxFaultSetting {
    fileprivate static let clientFault = Self("client.test.fault")
}
extension Event where Payload == Answer<Result<[SandboxFaultSetting], SandboxRefusal>> {
    fileprivate static let clientFaultSet = Self("client.test.faultSet")
}
