import Glibc
import Outcry

/// `outcry ticker`, `outcry buy` and the others: one call to a Mt. Gox, and its answer.
struct CallCommand {
    /// The names, in the order in which the overview lists them.
    static let names = [
        "ticker", "depth", "trades", "lag", "info", "wallet", "orders", "buy", "sell", "cancel",
    ]

    /// How a call can end, as exit codes.
    enum End {
        static let done: Int32 = 0
        static let refused: Int32 = 1
        static let unknown: Int32 = 3
        static let notConfirmed: Int32 = 4
    }

    let name: String
    let pair: Instrument
    let wantsJSON: Bool
    let url: String
    private let keyFile: String?
    private let account: String?
    private let authority: String?
    private let timeout: Int

    /// The command of a word; nil where it is none.
    init?(_ name: String, _ arguments: inout Arguments) throws {
        guard Self.names.contains(name) else { return nil }
        self.name = name
        wantsJSON = arguments.flag("--json")
        url = try arguments.option("--url") ?? "http://127.0.0.1:8080"
        keyFile = try arguments.option("--key-file")
        account = try arguments.option("--account")
        authority = try arguments.option("--ca")
        timeout = try arguments.integer("--timeout", in: 1...3_600) ?? 30
        let code = try arguments.option("--pair") ?? "BTCUSD"
        guard let base = MtGox.currency(String(code.prefix(3)).uppercased()),
            let quote = MtGox.currency(String(code.dropFirst(3)).uppercased())
        else {
            throw UsageError("--pair: expected two currencies such as BTCUSD, found \"\(code)\"")
        }
        pair = Instrument(base: base, quote: quote)
    }

    /// Makes the call, and tells the answer.
    func run(_ arguments: inout Arguments) throws -> Int32 {
        do {
            return switch name {
            case "ticker": try tell(ticker(&arguments))
            case "depth": try tell(depth(&arguments))
            case "trades": try tell(trades(&arguments))
            case "lag": try tell(lag(&arguments))
            case "info": try tell(info(&arguments))
            case "wallet": try tell(wallet(&arguments))
            case "orders": try tell(orders(&arguments))
            case "buy": try place(.buy, &arguments)
            case "sell": try place(.sell, &arguments)
            default: try cancel(&arguments)
            }
        } catch let failure as MtGoxCallFailure {
            Terminal.error("outcry: \(failure)")
            return Self.code(of: failure)
        }
    }

    static func code(of failure: MtGoxCallFailure) -> Int32 {
        if case .refused = failure { End.refused } else { End.unknown }
    }

    private func tell(_ report: CallReport) -> Int32 {
        report.tell(asJSON: wantsJSON)
        return End.done
    }

    // MARK: Who asks

    /// A client for public calls, or for those of the key that the words or the environment name.
    func client(_ credentials: MtGoxCredentials? = nil) throws -> MtGoxClient {
        var options = MtGoxClientOptions()
        options.timeout = .seconds(Int64(timeout))
        if let authority {
            guard unsafe access(authority, R_OK) == 0 else {
                throw UsageError("--ca: expected a file that can be read, found \"\(authority)\"")
            }
            options.trust = .authorities(.file(authority))
        }
        let target = (try? VenueURL(url))?.target ?? "/"
        guard target == "/" else {
            throw UsageError("--url: expected no path behind the host, found \"\(target)\"")
        }
        do {
            return try MtGoxClient(url: url, credentials: credentials, options: options)
        } catch let error as SystemError { throw error } catch {
            throw UsageError("--url: \(error)")
        }
    }

    /// The key: of `--key-file`, or of the environment.
    func credentials() throws(UsageError) -> MtGoxCredentials {
        if keyFile != nil, account != nil {
            throw UsageError("--account: expected no --key-file beside it")
        }
        do throws(MtGoxKeyError) {
            if let keyFile { return try .fromFile(keyFile) }
            return try .fromEnvironment(account: account)
        } catch {
            guard keyFile == nil else { throw UsageError("--key-file: \(error)") }
            throw UsageError("expected an API key: \(error); or --key-file FILE")
        }
    }
}
