import Glibc
import Outcry
import Testing

@testable import OutcrySandbox
@testable import lowball

extension ProgramTests {
    /// The README's bot, at the address that stands in it.
    @Suite(.serialized) struct LowballTests {
        /// Whether nobody listens on port 8080, where the bot looks for its exchange.
        static let isPortFree: Bool = {
            let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(file) }
            var yes: Int32 = 1
            _ = unsafe setsockopt(
                file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(8080).bigEndian
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            return unsafe withUnsafeBytes(of: &address) { bytes in
                guard let start = bytes.baseAddress else { return false }
                return unsafe bind(
                    file, start.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(bytes.count)) == 0
            }
        }()

        @Test(.enabled(if: isPortFree, "port 8080 is taken: the bot would find another exchange"))
        func tradesAndEndsWithStatus0() throws {
            let sandbox = try Child("outcry", ["sandbox", "--speed", "600"])
            try sandbox.line(with: "^C ends it.")
            let bot = try Child("lowball", [])
            try bot.errorLine(with: " traded ")
            bot.send(SIGINT)
            let end = try bot.end()
            #expect(end.status == 0, "\(end.errors)")
            sandbox.send(SIGINT)
            #expect(try sandbox.end().status == 0)
        }

        /// The same bot with an account: its orders are placed. At ^C it stops the kernel without further ado;
        /// the guard's cancellations leave in that very turn.
        @Test func placesOrdersAndTakesThemBack() throws {
            let world = SimulatedWorld(seed: 7)
            let venue = Kernel(driver: Simulation(in: world))
            let sandbox = try EmbeddedSandbox(on: venue) { $0.speed = 60 }
            let clerk = Clerk()
            venue.start(clerk, alias: "clerk")
            world.advance(by: .seconds(1))
            let account = try #require(clerk.account)

            let kernel = Kernel(driver: Simulation(in: world))
            var heard: [String] = []
            kernel.onLog = { heard.append($0.what) }
            var options = AccountOptions()
            options.limits.openOrders = 5
            options.limits.cancelsAll = [.interrupt]
            let gox = try MtGox.open(
                on: kernel, url: sandbox.url, instruments: [.btcusd],
                account: MtGoxAccess(
                    try MtGoxCredentials(key: account.key, secret: account.secret)),
                options: options)
            kernel.start(Lowball(gox), alias: "lowball")
            world.advance(by: .seconds(20))
            var open: Int { sandbox.exchange.state.openOrders(account.owner).count }
            #expect(open == 5, "as many as the guard lets pass")
            #expect(heard.contains("traded") && heard.contains("order"))

            kernel.receive(.signal(.interrupt))
            world.advance(by: .seconds(1))
            #expect(kernel.find("lowball") == nil)
            #expect(open == 0)
        }
    }
}

/// Opens an account.
private final class Clerk: Session {
    var account: SandboxAccount?

    static func handlers(_ on: inout Handlers<Clerk>) {
        on(.started) { _, _, my in
            my.ask(
                .sandboxAccount, to: "exchange",
                SandboxAccountWish("trader", money: [.usd("1000")]), timeout: .seconds(1),
                then: .clerkAccount)
        }
        on(.clerkAccount) { me, answer, _ in
            if case .reply(.success(let account)) = copy answer { me.account = account }
        }
    }
}

extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let clerkAccount = Self("clerk.account")
}
