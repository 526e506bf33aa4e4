import Outcry

/// `outcry sandbox COMMAND`: what a running sandbox's owner asks of it.
struct AdminCommand {
    /// Each command with the other words that people guess for it.
    private static let words: [(name: String, others: [String])] = [
        ("status", []), ("accounts", []),
        ("account", ["new-account", "create-account", "open"]),
        ("key", ["new-key", "create-key"]), ("revoke", ["revoke-key", "delete-key"]),
        ("fund", ["deposit"]), ("withdraw", []), ("faults", ["fault"]), ("hash", []),
        ("snapshot", []), ("restart", []), ("disconnect", []),
    ]

    /// The names, for those who ask.
    static var names: [String] { words.map(\.name) }

    private let name: String

    /// The command of a word; nil where it is none.
    init?(_ word: String) {
        guard let row = Self.words.first(where: { $0.name == word || $0.others.contains(word) })
        else { return nil }
        name = row.name
    }

    /// Asks, and tells the answer in one line.
    func run(_ arguments: inout Arguments) throws -> Int32 {
        let wantsJSON = arguments.flag("--json")
        let keyFile = name == "account" || name == "key" ? try KeyFile(&arguments) : nil
        let place = try place(&arguments)
        let question = try question(&arguments)
        try arguments.finish()
        try keyFile?.requireNew()
        let reply: HTTPReply
        switch try AdminAsker.ask(place, question) {
        case .success(let found): reply = found
        case .failure(let failure):
            Terminal.error("outcry: the sandbox at \(place.address) does not answer: \(failure)")
            return 1
        }
        let body = String(decoding: reply.body, as: UTF8.self)
        guard reply.head.status == 200 else {
            let error = (try? JSONAnswer(reply.body))?["error"]?.text
            Terminal.error("outcry: \(error ?? "status \(reply.head.status)")")
            return 1
        }
        if let keyFile {
            let answer = try JSONAnswer(reply.body)
            try keyFile.write(key: answer.text("key"), secret: answer.text("secret"))
            if !wantsJSON { Terminal.line("its key is in \(keyFile.path)") }
            return 0
        }
        guard !wantsJSON else {
            Terminal.write(body)
            return 0
        }
        let answer = try JSONAnswer(reply.body)
        Terminal.line(answer.words(for: name))
        return 0
    }

    /// Where the sandbox is: named, or found.
    private func place(_ arguments: inout Arguments) throws -> AdminPlace {
        let address = try arguments.option("--admin")
        let token = try arguments.option("--token")
        let data = try arguments.option("--data")
        let port = try arguments.integer("--port", in: 1...65_535)
        guard let address else {
            if token != nil { throw UsageError("--token: expected --admin ADDRESS beside it") }
            let note =
                try data.map { try SandboxNote.find(data: $0) } ?? SandboxNote.find(port: port)
            return AdminPlace(address: note.address, token: note.token)
        }
        guard let token else { throw UsageError("--admin: expected --token TOKEN beside it") }
        let isPort = address.utf8.allSatisfy { (0x30...0x39).contains($0) }
        return AdminPlace(address: isPort ? "127.0.0.1:\(address)" : address, token: token)
    }

    // MARK: Questions

    private func question(_ arguments: inout Arguments) throws -> AdminQuestion {
        switch name {
        case "accounts", "hash", "status": return AdminQuestion("GET", "/\(name)")
        case "account": return try account(&arguments)
        case "key":
            let account = try arguments.word("the name of an account")
            let rights = try rights(&arguments)
            return AdminQuestion("POST", "/keys") { json in
                json.field("account", account)
                Self.add(rights, to: &json)
            }
        case "revoke":
            let key = try arguments.word("a key such as a8f0c118-f963-430a-9150-02fc673afdda")
            return AdminQuestion("DELETE", "/keys/\(PercentEncoding.encode(key))")
        case "fund", "withdraw": return try transfer(&arguments)
        case "faults":
            var changes: [(String, String)] = []
            while let word = arguments.word() {
                guard let sign = word.firstIndex(of: "=") else {
                    throw UsageError("expected NAME=VALUE, found \"\(word)\"")
                }
                changes.append(
                    (String(word[..<sign]), String(word[word.index(after: sign)...])))
            }
            guard !changes.isEmpty else { return AdminQuestion("GET", "/faults") }
            return AdminQuestion("PATCH", "/faults") { json in
                for change in changes { json.field(change.0, change.1) }
            }
        case "snapshot":
            let file = try arguments.word("the name of a file, which is made in the --data folder")
            return AdminQuestion("POST", "/snapshot") { $0.field("file", file) }
        case "restart":
            let seconds = try arguments.integer("--seconds", in: 0...3_600) ?? 1
            return AdminQuestion("POST", "/restart") { $0.field("seconds", seconds) }
        default: return AdminQuestion("POST", "/\(name)")
        }
    }

    private func account(_ arguments: inout Arguments) throws -> AdminQuestion {
        let account = try arguments.word("a name for the account")
        let rights = try rights(&arguments)
        let isEmpty = arguments.flag("--empty")
        var money = try amounts(&arguments)
        if money.isEmpty, !isEmpty {
            money = StartingMoney.amounts.map { ($0.amount, $0.currency.code) }
        }
        return AdminQuestion("POST", "/accounts") { json in
            json.field("name", account)
            json.object("money") { json in
                for piece in money { json.field(piece.currency, piece.amount) }
            }
            Self.add(rights, to: &json)
        }
    }

    private func transfer(_ arguments: inout Arguments) throws -> AdminQuestion {
        let account = try arguments.word("the name of an account")
        let info = try arguments.option("--info")
        let money = try amounts(&arguments)
        guard money.count == 1 else {
            throw UsageError("expected an amount and a currency, such as 1000 USD")
        }
        return AdminQuestion("POST", name == "fund" ? "/deposits" : "/withdrawals") { json in
            json.field("account", account)
            json.field("amount", money[0].amount)
            json.field("currency", money[0].currency)
            if let info { json.field("info", info) }
        }
    }

    private static func add(_ rights: [String]?, to json: inout JSONObjectWriter) {
        guard let rights else { return }
        json.array("rights") { list in for right in rights { list.append(right) } }
    }

    private func rights(_ arguments: inout Arguments) throws -> [String]? {
        try arguments.option("--rights").map { $0.split(separator: ",").map(String.init) }
    }

    /// Amounts and currencies: `1000 USD`, `1000USD`.
    private func amounts(
        _ arguments: inout Arguments
    ) throws -> [(amount: String, currency: String)] {
        var found: [(amount: String, currency: String)] = []
        while let word = arguments.word() {
            let letters = word.drop { $0.isNumber || $0 == "." }
            let amount = String(word.dropLast(letters.count))
            guard !amount.isEmpty else {
                throw UsageError(
                    "expected an amount and a currency, such as 1000 USD, found \"\(word)\"")
            }
            let code = letters.isEmpty ? try arguments.word("a currency") : String(letters)
            found.append((amount, code.uppercased()))
        }
        return found
    }
}
