import OutcryCrypto
import OutcryMarket
import OutcryServing
import OutcryVenues

// Commands as lines of a journal, and back.

extension ExchangeCommand {
    /// The line of a journal.
    ///
    /// - Parameters:
    ///   - now: The time it was applied at, microseconds since 1970.
    ///   - number: What applying it gave, for people who read the journal.
    func record(at now: Int64, number: Int64, instruments: [Instrument]) -> JournalRecord {
        var record = JournalRecord(name, at: now)
        record.number = number == 0 ? nil : number
        switch self {
        case .open(let setup, let secrets): record.text = "\(secrets.text)\n\(setup)"
        case .step: break
        case .rest(let amount, let price):
            record.amount = amount
            record.price = price
        case .work(let count): record.amount = Int64(count)
        case .account(let name): record.text = name
        case .key(let key):
            record.owner = key.owner.value
            record.text = "\(key.guid) \(key.secretText) \(key.rights)"
        case .revoke(let key): record.text = key
        case .stamp(let key, let name, let value):
            record.text = "\(key) \(name)"
            record.amount = Int64(bitPattern: value)
        case .deposit(let owner, let currency, let amount, let info),
            .withdraw(let owner, let currency, let amount, let info):
            record.owner = owner.value
            record.market = currency.code
            record.amount = amount
            record.text = info
        case .send(let owner, let amount, let fee, let address):
            record.owner = owner.value
            record.amount = amount
            record.price = fee
            record.text = address
        case .makeCode(let owner, let currency, let amount):
            record.owner = owner.value
            record.market = currency.code
            record.amount = amount
        case .redeem(let owner, let code):
            record.owner = owner.value
            record.amount = code
        case .address(let owner, let description):
            record.owner = owner.value
            record.text = description
        case .submit(let wish, let atOnce):
            record.owner = wish.owner.value
            record.market = instruments[Int(wish.book.value)].name
            record.side = wish.side == .buy ? "buy" : "sell"
            record.amount = wish.amount
            record.price = wish.price
            record.text = Self.flags(atOnce: atOnce, fiat: wish.prefersFiatFee)
        case .cancel(let owner, let ticket, let atOnce):
            record.owner = owner.value
            record.amount = ticket
            record.text = Self.flags(atOnce: atOnce, fiat: false)
        }
        return record
    }

    private static func flags(atOnce: Bool, fiat: Bool) -> String? {
        let words = (atOnce ? [] : ["queued"]) + (fiat ? ["fiat-fee"] : [])
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private var name: String {
        switch self {
        case .open: "open"
        case .step: "step"
        case .rest: "rest"
        case .work: "work"
        case .account: "account"
        case .key: "key"
        case .revoke: "revoke"
        case .stamp: "stamp"
        case .deposit: "deposit"
        case .withdraw: "withdraw"
        case .send: "send"
        case .makeCode: "code"
        case .redeem: "redeem"
        case .address: "address"
        case .submit: "submit"
        case .cancel: "cancel"
        }
    }

    /// Reads a line of a journal; nil for one that is no command.
    init?(_ record: JournalRecord, instruments: [Instrument]) {
        let owner = record.owner.map(OwnerNumber.init)
        let words = (record.text ?? "").split(separator: " ").map(String.init)
        switch (record.kind, owner, record.amount) {
        case ("open", _, _):
            let lines = (record.text ?? "").split(separator: "\n", maxSplits: 1)
            guard lines.count == 2, let secrets = ExchangeSecrets(text: String(lines[0])) else {
                return nil
            }
            self = .open(setup: String(lines[1]), secrets: secrets)
        case ("step", _, _): self = .step
        case ("rest", _, let amount?):
            guard let price = record.price else { return nil }
            self = .rest(amount, price: price)
        case ("work", _, let count?): self = .work(Int(count))
        case ("account", _, _):
            guard let name = record.text else { return nil }
            self = .account(name: name)
        case ("key", let owner?, _):
            guard let key = Self.key(owner, words) else { return nil }
            self = .key(key)
        case ("revoke", _, _): self = .revoke(key: record.text ?? "")
        case ("stamp", _, let value?):
            guard words.count == 2 else { return nil }
            self = .stamp(key: words[0], name: words[1], value: UInt64(bitPattern: value))
        case ("send", let owner?, let amount?):
            self = .send(owner, amount, fee: record.price ?? 0, address: record.text ?? "")
        case ("redeem", let owner?, let code?): self = .redeem(owner, code: code)
        case ("address", let owner?, _): self = .address(owner, description: record.text ?? "")
        case ("cancel", let owner?, let ticket?):
            self = .cancel(owner, ticket: ticket, atOnce: !words.contains("queued"))
        case ("submit", let owner?, let amount?):
            guard let book = instruments.firstIndex(where: { $0.name == record.market }),
                let side = Self.side(record.side)
            else { return nil }
            let wish = OrderWish(
                owner: owner, book: BookNumber(UInt8(book)), side: side, amount: amount,
                price: record.price, prefersFiatFee: words.contains("fiat-fee"))
            self = .submit(wish, atOnce: !words.contains("queued"))
        case (let kind, let owner?, let amount?):
            let currencies = [instruments[0].base] + instruments.map(\.quote)
            guard let currency = currencies.first(where: { $0.code == record.market }) else {
                return nil
            }
            switch kind {
            case "deposit": self = .deposit(owner, currency, amount, info: record.text ?? "")
            case "withdraw": self = .withdraw(owner, currency, amount, info: record.text ?? "")
            case "code": self = .makeCode(owner, currency, amount)
            default: return nil
            }
        default: return nil
        }
    }

    private static func side(_ text: String?) -> OrderSide? {
        switch text {
        case "buy": .buy
        case "sell": .sell
        default: nil
        }
    }

    private static func key(_ owner: OwnerNumber, _ words: [String]) -> NewAPIKey? {
        guard words.count >= 2, let guid = MtGoxGUID(words[0]),
            let secret = try? Base64.decode(words[1])
        else { return nil }
        let names = words.count > 2 ? words[2].split(separator: ",") : []
        let rights = names.compactMap { AccessRights(named: $0) }
        guard rights.count == names.count else { return nil }
        return NewAPIKey(
            guid: guid, owner: owner, rights: AccessRights(rights), secret: secret)
    }
}

extension NewAPIKey: Hashable {
    static func == (left: Self, right: Self) -> Bool {
        left.guid == right.guid && left.owner == right.owner && left.rights == right.rights
            && left.secret == right.secret
    }

    func hash(into hasher: inout Hasher) { hasher.combine(guid) }
}
