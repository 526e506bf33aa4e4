// What an administrator has answered, for people.

extension JSONAnswer {
    /// One line, or one a piece.
    func words(for command: String) -> String {
        switch command {
        case "account", "key":
            KeyFile.export(key: text("key"), secret: text("secret"))
        case "fund", "withdraw":
            "\(text("account")) has \(text("balance")) \(text("currency"))"
        case "hash": "\(text("hash")) after \(text("records")) records"
        case "snapshot": text("file")
        case "accounts":
            list("accounts").isEmpty
                ? "no accounts" : list("accounts").map(\.account).joined(separator: "\n")
        case "faults":
            fields.map { "\($0.name)=\($0.value.text)" }.joined(separator: " ")
        case "status": status
        default: "done"
        }
    }

    private var account: String {
        let keys = list("keys").map { "\($0.text("key"))(\($0.text("rights")))" }
        return "\(text("name")): \(text("balances")); \(text("orders")) open orders, "
            + "\(text("trades")) trades; keys \(keys.joined(separator: " "))"
    }

    private var status: String {
        "market \(text("market")), seed \(text("seed")), speed \(text("speed")), "
            + "playing \(text("playing")); at \(text("addresses")); \(text("accounts")) accounts, "
            + "\(text("orders")) orders, \(text("queued")) queued; \(text("records")) records, "
            + "hash \(text("hash")); \(text("counters"))"
    }
}
