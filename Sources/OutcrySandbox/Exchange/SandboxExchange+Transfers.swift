import OutcryComponents
import OutcryCrypto
import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryVenues

// Money in and out of an account, as its owner asks for it. Addresses, transactions and codes are
// real in the sandbox only.

extension SandboxExchange {
    func writeTransfer(
        _ call: ServedCall, _ version: APIVersion, _ owner: OwnerNumber, _ my: Context
    ) throws(CallRefusal) {
        switch call {
        case .bitcoinAddress(let description, _):
            // Without a description it is the same one until another is asked for.
            if let description, !description.isEmpty {
                try moved(.address(owner, description: description), my)
            }
            part.addAddress(state.address(of: owner))
        case .sendBitcoin(let demand):
            let number = try moved(
                .send(owner, demand.amount, fee: demand.fee, address: demand.address), my)
            part.addTransaction(state.transaction(number))
        case .withdraw(let demand): try withdraw(demand, owner, my)
        case .redeemCode(let text):
            guard let code = TransferCode.number(text, state.cipher),
                let worth = state.codes[code]
            else { throw .unknownCode }
            let number = try moved(.redeem(owner, code: code), my)
            part.addRedeemed(worth.amount, worth.currency, reference: reference(number))
        default: throw .methodNotFound
        }
    }

    private func withdraw(
        _ demand: WithdrawalDemand, _ owner: OwnerNumber, _ my: Context
    ) throws(CallRefusal) {
        switch demand.way {
        case .bitcoin:
            let number = try moved(
                .send(owner, demand.amount, fee: 0, address: demand.address ?? ""), my)
            part.addOldWithdrawal(
                transaction: state.transaction(number),
                reference: reference(number))
        case .bitcoinCode, .moneyCode:
            let number = try moved(.makeCode(owner, demand.currency, demand.amount), my)
            part.addOldCode(
                TransferCode.text(number, demand.currency, state.cipher),
                reference: reference(number))
        case .dwolla: throw CallRefusal(status: 400, message: "Invalid Dwolla account")
        case .bank, .paxum:
            throw CallRefusal(
                status: 400, message: "The sandbox has no \(demand.way.rawValue) (sandbox)")
        }
    }

    @discardableResult private func moved(
        _ command: ExchangeCommand, _ my: Context
    ) throws(CallRefusal) -> Int64 {
        do throws(ExchangeRefusal) { return try perform(command, my) } catch {
            throw CallRefusal(error)
        }
    }

    private func reference(_ number: Int64) -> MtGoxGUID {
        state.cipher.guid(.transfer, number)
    }
}

extension CallRefusal {
    static var unknownCode: Self { Self(status: 400, message: "Invalid code") }
}

/// Codes that are worth money: `MTGOX-BTC-5LHXF-58CFB-RBR9Z-46C57` in the recording, longer here, since
/// what they say is the number of the transfer under the exchange's cipher: nobody can guess one.
enum TransferCode {
    static func text(_ number: Int64, _ currency: Currency, _ cipher: GUIDCipher) -> String {
        let digits = Hex.encode(cipher.guid(.code, number).bytes).uppercased()
        let groups = stride(from: 0, to: digits.utf8.count, by: 8).map {
            String(digits.dropFirst($0).prefix(8))
        }
        return "MTGOX-\(currency.code)-\(groups.joined(separator: "-"))"
    }

    static func number(_ text: String, _ cipher: GUIDCipher) -> Int64? {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.count == 6, groups[0] == "MTGOX" else { return nil }
        let digits = groups[2...].joined().lowercased()
        guard digits.utf8.count == 32 else { return nil }
        func part(_ from: Int, _ count: Int) -> Substring {
            digits.dropFirst(from).prefix(count)
        }
        let guid = MtGoxGUID(
            [part(0, 8), part(8, 4), part(12, 4), part(16, 4), part(20, 12)].joined(
                separator: "-"))
        return guid.flatMap { cipher.number(.code, $0) }
    }
}
