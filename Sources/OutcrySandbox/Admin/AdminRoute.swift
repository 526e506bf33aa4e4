import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

// From a request to what is asked: method, path and the fields of a JSON object.

extension AdminCall {
    private static let methods: [(path: String, allowed: String)] = [
        ("/status", "GET"), ("/accounts", "GET, POST"), ("/keys", "POST"), ("/keys/…", "DELETE"),
        ("/deposits", "POST"), ("/withdrawals", "POST"), ("/faults", "GET, PATCH"),
        ("/hash", "GET"), ("/snapshot", "POST"), ("/restart", "POST"), ("/disconnect", "POST"),
    ]

    /// Reads a request.
    ///
    /// - Parameter currencies: Those that accounts have.
    /// - Throws: ``AdminProblem`` with 404 for a path and 405 for a method that there is not, 400 for the
    ///   rest: it names the field, what was expected, and what came.
    init(
        _ head: HTTPRequestHead, body: [UInt8], currencies: [Currency]
    ) throws(AdminProblem) {
        var path = String(head.path)
        var key = ""
        if path.hasPrefix("/keys/") {
            key = String(path.dropFirst("/keys/".count))
            path = "/keys/…"
        }
        guard let row = Self.methods.first(where: { $0.path == path }) else {
            let paths = Self.methods.map(\.path).joined(separator: ", ")
            throw AdminProblem(
                404, "path: expected one of \(paths), found \(path.shown())")
        }
        var fields = try AdminFields(body)
        switch (head.method, path) {
        case ("GET", "/status"): self = .status
        case ("GET", "/accounts"): self = .accounts
        case ("GET", "/faults"): self = .faults
        case ("GET", "/hash"): self = .hash
        case ("POST", "/accounts"): self = .open(try Self.wish(&fields, currencies))
        case ("POST", "/keys"):
            self = .key(
                account: try fields.text("account", "the name of an account"),
                try Self.rights(&fields))
        case ("DELETE", "/keys/…"): self = .revoke(key: key)
        case ("POST", "/deposits"), ("POST", "/withdrawals"):
            let account = try fields.text("account", "the name of an account")
            let money = try Self.money(&fields, currencies)
            let info = try fields.text("info")
            self =
                path == "/deposits"
                ? .deposit(account: account, money, info: info ?? "Sandbox deposit")
                : .withdraw(account: account, money, info: info ?? "Sandbox withdrawal")
        case ("PATCH", "/faults"): self = .change(try fields.rest())
        case ("POST", "/snapshot"):
            self = .snapshot(file: try Self.file(fields.text("file", "the name of a file")))
        case ("POST", "/restart"): self = .restart(after: try Self.pause(&fields))
        case ("POST", "/disconnect"): self = .disconnect
        default:
            throw AdminProblem(
                405, "method: expected \(row.allowed) for \(path), found \(head.method)",
                allowed: row.allowed)
        }
        try fields.finish("no more fields")
    }

    // MARK: Fields

    private static func wish(
        _ fields: inout AdminFields, _ currencies: [Currency]
    ) throws(AdminProblem) -> SandboxAccountWish {
        let name = try fields.text("name", "the name of an account")
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw .field("name", "1 to 64 bytes", name)
        }
        var money: [Money] = []
        for pair in try fields.pairs("money") ?? [] {
            money.append(try Self.money(pair.value, pair.name, currencies, "money."))
        }
        return SandboxAccountWish(name, money: money, rights: try rights(&fields))
    }

    private static func rights(_ fields: inout AdminFields) throws(AdminProblem) -> AccessRights {
        guard let names = try fields.list("rights") else { return .all }
        var rights: AccessRights = []
        for name in names {
            guard let right = AccessRights(named: name) else {
                let expected = AccessRights.all.names.joined(separator: ", ")
                throw .field("rights", "some of \(expected)", name)
            }
            rights.insert(right)
        }
        return rights
    }

    private static func money(
        _ fields: inout AdminFields, _ currencies: [Currency]
    ) throws(AdminProblem) -> Money {
        let code = try fields.text("currency", "a currency")
        return try money(
            fields.text("amount", "an amount above 0"), code, currencies, "amount of ")
    }

    private static func money(
        _ text: String, _ code: String, _ currencies: [Currency], _ field: String
    ) throws(AdminProblem) -> Money {
        guard let currency = currencies.first(where: { $0.code == code }) else {
            let codes = currencies.map(\.code).joined(separator: ", ")
            throw .field("currency", "one of \(codes)", code)
        }
        guard let money = Money(text, currency), money.units > 0 else {
            throw .field(
                "\(field)\(code)",
                "a decimal number above 0 with at most \(currency.decimals) decimals", text)
        }
        return money
    }

    private static func file(_ name: String) throws(AdminProblem) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            byte.isLetterOrDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "_")
        }
        guard isPlain, !name.isEmpty, name.utf8.count <= 100, !name.hasPrefix(".") else {
            throw .field("file", "a name of letters, digits and .-_, with no folder", name)
        }
        return name
    }

    private static func pause(_ fields: inout AdminFields) throws(AdminProblem) -> Duration {
        guard let text = try fields.text("seconds") else { return .seconds(1) }
        guard let seconds = Int64(text), (0...3_600).contains(seconds) else {
            throw .field("seconds", "a whole number from 0 to 3600", text)
        }
        return .seconds(seconds)
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
