import OutcryKernel
import OutcryMarket
import OutcryServing
import OutcryWire

// What the owner asks, done in the exchange; the answer leaves when the journal has what it says.

extension Event where Payload == Ask<AdminCall, AdminReply> {
    /// To a sandbox: do what its owner asks.
    static let sandboxAdmin = Self("sandbox.admin")
}

extension Event where Payload == Result<Void, any Error> {
    static let sandboxCopied = Self("sandbox.copied")
}

extension SandboxExchange {
    func administer(_ ask: Ask<AdminCall, AdminReply>, _ my: Context) {
        do throws(SandboxRefusal) {
            guard let reply = try answer(ask, my) else { return }
            tell(ask, reply, my)
        } catch {
            tell(ask, AdminReply(400, error: error.description), my)
        }
    }

    /// - Returns: Nil where the answer comes later.
    private func answer(
        _ ask: Ask<AdminCall, AdminReply>, _ my: Context
    ) throws(SandboxRefusal) -> AdminReply? {
        switch ask.question {
        case .status: return AdminReply(statusOf: self)
        case .accounts: return AdminReply(accountsOf: self)
        case .hash: return AdminReply(hash: state.hash, records: records)
        case .open(let wish): return AdminReply(try openAccount(wish, my))
        case .key(let name, let rights):
            let owner = try owner(name)
            let key = try makeKey(owner, rights, my)
            return AdminReply(
                SandboxAccount(
                    name: name, owner: owner, key: "\(key.guid)", secret: key.secretText))
        case .revoke(let key):
            try told(.revoke(key: key), my)
            return .done
        case .deposit(let name, let money, let info):
            return try move(.deposit(owner(name), money.currency, money.units, info: info), my)
        case .withdraw(let name, let money, let info):
            return try move(.withdraw(owner(name), money.currency, money.units, info: info), my)
        case .faults: return faultsReply
        case .change(let pairs):
            try setFaults(
                pairs.map { SandboxFaultSetting($0.name, $0.value) }, my)
            return faultsReply
        case .snapshot(let file):
            try copy(to: file, ask, my)
            return nil
        case .restart(let pause):
            restart(pause, my)
            return .done
        case .disconnect:
            dropEverybody()
            return .done
        }
    }

    private var faultsReply: AdminReply {
        AdminReply(
            faults: SandboxFaults.names.map {
                AdminPair(name: $0, value: faults.settings.text($0) ?? "")
            })
    }

    private func owner(_ name: String) throws(SandboxRefusal) -> OwnerNumber {
        guard let account = state.account(named: name) else {
            throw SandboxRefusal(
                description: "account: expected the name of an account, found "
                    + name.shown())
        }
        return account.owner
    }

    private func move(
        _ command: ExchangeCommand, _ my: Context
    ) throws(SandboxRefusal) -> AdminReply {
        try told(command, my)
        guard case .deposit(let owner, let currency, _, _) = command else {
            guard case .withdraw(let owner, let currency, _, _) = command else { return .done }
            return balance(owner, currency)
        }
        return balance(owner, currency)
    }

    private func balance(_ owner: OwnerNumber, _ currency: Currency) -> AdminReply {
        let units = engine.ledger.balance(owner, currency) ?? 0
        return AdminReply(
            state.account(owner)?.name ?? "", Money(units: units, currency: currency))
    }

    /// The keys of an account, oldest first.
    func keys(of owner: OwnerNumber) -> [APIKey] {
        state.access.guids.compactMap { state.access[$0] }.filter { $0.owner == owner }
    }

    /// Answers when all that was done is written.
    private func tell(_ ask: Ask<AdminCall, AdminReply>, _ reply: AdminReply, _ my: Context) {
        guard !mustHold(my) else { return hold(.admin(ask, reply)) }
        my.answer(ask, reply)
    }

    // MARK: Snapshots

    /// Copies the journal on another thread: all that was acknowledged before, and perhaps more.
    private func copy(
        to file: String, _ ask: Ask<AdminCall, AdminReply>, _ my: Context
    ) throws(SandboxRefusal) {
        guard let journal else {
            throw SandboxRefusal(description: "snapshot: expected a sandbox with --data")
        }
        guard snapshot == nil else {
            throw SandboxRefusal(description: "snapshot: expected one at a time, found another")
        }
        snapshot = (ask, file)
        let slash = journal.path.lastIndex(of: "/")
        let path = (slash.map { String(journal.path[...$0]) } ?? "") + file
        my.offload({ try journal.copy(to: path) }, then: .sandboxCopied)
    }

    /// The copy is there, or is not.
    func copied(_ outcome: Result<Void, any Error>, _ my: Context) {
        guard let (ask, file) = snapshot else { return }
        snapshot = nil
        switch outcome {
        case .success: my.answer(ask, AdminReply { $0.field("file", file) })
        case .failure(let error): my.answer(ask, AdminReply(400, error: "file: \(error)"))
        }
    }
}
