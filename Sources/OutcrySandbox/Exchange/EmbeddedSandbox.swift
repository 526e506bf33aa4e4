public import OutcryKernel
public import OutcryMarket
public import OutcryVenues

/// A sandbox on a program's own kernel, and accounts on it: all that a bot needs in the place of a venue.
///
/// ```swift
/// let sandbox = try EmbeddedSandbox(on: kernel) { $0.speed = 60 }
/// let gox = try MtGox.open(
///     on: kernel, url: sandbox.url, instruments: [.btcusd],
///     account: sandbox.account("bot", money: [.usd("1000"), .btc("5")]))
/// ```
///
/// It ends with the kernel. On a `Simulation` it is there in virtual time.
public struct EmbeddedSandbox {
    /// The exchange.
    public let exchange: SandboxExchange
    /// Its alias on the kernel.
    public let alias: Alias
    /// Its stream, `ws://127.0.0.1:41234/mtgox`; calls go to the same host.
    public let url: String
    private let isLimited: Bool

    /// Starts an exchange on `kernel`: on a free port, without the venue's limits, and otherwise as
    /// `change` has it.
    ///
    /// - Parameter alias: For more than one on a kernel.
    /// - Throws: ``SandboxDoorError``, or what is wrong with the market's recording.
    public init(
        on kernel: Kernel, alias: Alias = "exchange",
        _ change: (inout SandboxConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = SandboxConfiguration()
        configuration.address = .loopback(port: 0)
        configuration.fullDepthPerHour = nil
        change(&configuration)
        exchange = try SandboxExchange(configuration)
        kernel.start(exchange, alias: alias)
        if let error = exchange.doorError { throw error }
        self.alias = alias
        isLimited = configuration.orderRate != nil || configuration.requestRate != nil
        url = "ws://\(exchange.address ?? configuration.address)/mtgox"
    }

    /// An account that the exchange opens, with money and a key, as soon as a link asks for it.
    ///
    /// Links keep the venue's limits with it where the exchange has such limits, otherwise none.
    ///
    /// - Parameter name: Its login; no other account of the exchange has it.
    public func account(_ name: String, money: [Money]) -> MtGoxAccess {
        let alias = alias
        let opened = Opened()
        var access = MtGoxAccess { my in
            if let credentials = opened.credentials { return credentials }
            let wish = SandboxAccountWish(name, money: money)
            let account = try await my.ask(
                .sandboxAccount, to: alias, wish, timeout: .seconds(60)
            ).get()
            let credentials = try MtGoxCredentials(key: account.key, secret: account.secret)
            opened.credentials = credentials
            return credentials
        }
        access.gateway.isLimited = isLimited
        return access
    }
}

/// The key of an account that was opened: a signer that is started anew gets the same one.
private final class Opened {
    var credentials: MtGoxCredentials?
}
