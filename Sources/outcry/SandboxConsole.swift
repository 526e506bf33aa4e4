import Outcry
import OutcrySandbox

/// What `outcry sandbox` has on its kernel: the exchange, its administrator, and the words for people.
final class SandboxConsole: Session {
    /// The account that a new exchange is given, or one that is asked for by name.
    struct FirstAccount {
        let name: String
        /// It was named, so it is made also where there are others.
        let isNamed: Bool
        /// Where its key is written to, in the place of the screen.
        let keyFile: KeyFile?
    }

    let exchange: SandboxExchange
    let administrator: SandboxAdministrator?
    private let account: FirstAccount?
    /// What is said when the exchange is there.
    private let greeting: () -> Void
    /// Why it cannot go on, in words.
    private(set) var problem: String?

    init(
        _ exchange: SandboxExchange, _ administrator: SandboxAdministrator?,
        account: FirstAccount?, greeting: @escaping () -> Void
    ) {
        self.exchange = exchange
        self.administrator = administrator
        self.account = account
        self.greeting = greeting
    }

    static func handlers(_ on: inout Handlers<SandboxConsole>) {
        on(.started) { me, _, my in me.open(my) }
        on(.consoleBegin) { me, _, my in me.begin(my) }
        on(.consoleAccount) { me, answer, _ in me.show(answer) }
        on(.childStopped) { me, end, my in me.lose(end, my) }
    }

    private func open(_ my: Context) {
        my.start(exchange, alias: "exchange")
        guard exchange.address != nil else {
            problem = exchange.doorError?.advice("--port", "--tls-port") ?? "the exchange ended"
            return
        }
        if let administrator {
            my.start(administrator, alias: "administrator")
            guard administrator.address != nil else {
                problem = administrator.doorError?.advice("--admin", "") ?? "no administrator"
                return
            }
        }
        // Behind the exchange's own first event, in which it reads its journal.
        my.yield(.consoleBegin)
    }

    /// A child has ended. Where nobody asked for that, there is no sandbox any more.
    private func lose(_ end: ChildEnd, _ my: Context) {
        if case .kernelStopped = end.reason { return }
        guard problem == nil else { return }
        let name = end.alias.map { "the \($0)" } ?? "a part of it"
        let failure = end.alias == "exchange" ? exchange.failure.map { "\($0)" } : nil
        problem = "\(name) ended: \(failure ?? "\(end.reason)")"
        my.kernel.stop()
    }

    private func begin(_ my: Context) {
        guard exchange.failure == nil else { return }
        greeting()
        let names = exchange.accountNames
        guard let account, names.isEmpty || (account.isNamed && !names.contains(account.name))
        else { return Terminal.line("^C ends it.") }
        my.ask(
            .sandboxAccount, to: "exchange",
            SandboxAccountWish(account.name, money: StartingMoney.all), timeout: .seconds(60),
            then: .consoleAccount)
    }

    private func show(_ answer: Answer<Result<SandboxAccount, SandboxRefusal>>) {
        switch answer {
        case .reply(.success(let account)): show(account)
        case .reply(.failure(let refusal)): Terminal.error("outcry: \(refusal)")
        default: Terminal.error("outcry: the exchange did not open the account")
        }
        Terminal.line("^C ends it.")
    }

    private func show(_ opened: SandboxAccount) {
        if let file = account?.keyFile {
            do {
                try file.write(key: opened.key, secret: opened.secret)
                return Terminal.line(
                    "account \(opened.name): \(StartingMoney.text); its key is in \(file.path)")
            } catch { Terminal.error("outcry: \(error)") }
        }
        Terminal.line(
            """
            account \(opened.name): \(StartingMoney.text); its secret is shown this once
                    \(KeyFile.export(key: opened.key, secret: opened.secret))
            """)
    }
}

extension Event where Payload == Void {
    fileprivate static let consoleBegin = Self("console.begin")
}

extension Event where Payload == Answer<Result<SandboxAccount, SandboxRefusal>> {
    fileprivate static let consoleAccount = Self("console.account")
}

/// What an account begins with where nothing else is said.
enum StartingMoney {
    /// The amounts as they are written, with their currencies.
    static let amounts: [(amount: String, currency: Currency)] = [
        ("1000", .btc), ("100000", .usd), ("100000", .eur), ("100000", .gbp), ("10000000", .jpy),
    ]
    static let all = amounts.compactMap { Money($0.amount, $0.currency) }
    static let text = amounts.map { "\($0.amount) \($0.currency.code)" }.joined(separator: ", ")
}
