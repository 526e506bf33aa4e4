import Outcry

// What an account is asked.

extension CallCommand {
    func info(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let credentials = try credentials()
        let account = try client(credentials).info()
        var table = Table(["account", account.login])
        for (name, value) in [
            ("number", account.index), ("id", account.id), ("link", account.link),
            ("key", "\(credentials.key)"), ("rights", account.rights.joined(separator: ", ")),
            ("fee", "\(account.feePercent) %"), ("volume", account.monthlyVolume.map(Show.money)),
            ("created", account.created), ("last login", account.lastLogin),
        ] { if let value { table.add([name, value]) } }
        return CallReport(table.lines) { json in
            json.field("login", account.login)
            json.field("number", account.index)
            json.text("id", account.id)
            json.text("link", account.link)
            json.field("key", "\(credentials.key)")
            json.array("rights") { list in for right in account.rights { list.append(right) } }
            json.decimal("fee_percent", account.feePercent)
            json.amount("monthly_volume", account.monthlyVolume)
            json.text("volume_currency", account.monthlyVolume.map { $0.currency.code })
            json.field("created", account.created)
            json.field("last_login", account.lastLogin)
        }
    }

    func wallet(_ arguments: inout Arguments) throws -> CallReport {
        if let code = arguments.word() {
            guard let currency = MtGox.currency(code.uppercased()) else {
                throw UsageError("expected a currency of Mt. Gox, found \"\(code)\"")
            }
            return try history(of: currency, &arguments)
        }
        try arguments.finish()
        let wallets = try client(credentials()).info().wallets.sorted {
            $0.balance.currency < $1.balance.currency
        }
        var table = Table(["currency", "#balance", "#in open orders", "#may be withdrawn"])
        for wallet in wallets {
            table.add(
                [wallet.balance.currency.code]
                    + [wallet.balance, wallet.openOrders, wallet.mostToWithdraw].map { money in
                        money.map {
                            Show.quantity(Quantity(units: $0.units, of: $0.currency))
                        } ?? ""
                    })
        }
        return CallReport(table.lines) { list in
            for wallet in wallets {
                list.object { json in
                    json.field("currency", wallet.balance.currency.code)
                    json.amount("balance", wallet.balance)
                    json.amount("open_orders", wallet.openOrders)
                    json.amount("may_withdraw", wallet.mostToWithdraw)
                }
            }
        }
    }

    private func history(
        of currency: Currency, _ arguments: inout Arguments
    ) throws -> CallReport {
        let page = try arguments.integer("--page", in: 1...1_000_000) ?? 1
        try arguments.finish()
        let history = try client(credentials()).call(.walletHistory(currency, page: page))
        var table = Table([
            "time (UTC)", "what", "#\(currency.code)", "#balance", "why",
        ])
        for entry in history.entries {
            table.add([
                Show.moment(entry.date * 1_000_000), entry.type,
                Show.quantity(Quantity(units: entry.value.units, of: entry.value.currency)),
                Show.quantity(Quantity(units: entry.balance.units, of: entry.balance.currency)),
                entry.info,
            ])
        }
        let sum =
            "page \(history.page) of \(history.lastPage), \(Show.count(history.records)) entries"
        return CallReport(table.lines + [sum]) { json in
            json.field("currency", currency.code)
            json.field("page", history.page)
            json.field("last_page", history.lastPage)
            json.field("records", history.records)
            json.array("entries") { list in
                for entry in history.entries {
                    list.object { json in
                        json.field("time", entry.date * 1_000_000)
                        json.field("type", entry.type)
                        json.amount("amount", entry.value)
                        json.amount("balance", entry.balance)
                        json.field("info", entry.info)
                        json.text("order", entry.orderID?.text)
                        json.text("trade", entry.tradeID.map { "\($0)" })
                    }
                }
            }
        }
    }

    func orders(_ arguments: inout Arguments) throws -> CallReport {
        try arguments.finish()
        let orders = try client(credentials()).orders()
        var table = Table(["order", "pair", "side", "#amount", "#price", "status", "since (UTC)"])
        for order in orders {
            table.add([
                order.id.text, order.instrument.name, "\(order.side)",
                Show.quantity(order.amount), order.price.map(Show.price) ?? "market",
                "\(order.status)", Show.moment(order.date * 1_000_000),
            ])
        }
        return CallReport(table.isEmpty ? ["no orders"] : table.lines) { list in
            for order in orders {
                list.object { json in
                    json.field("order", order.id.text)
                    json.field("pair", order.instrument.name)
                    json.field("side", "\(order.side)")
                    json.decimal("amount", order.amount)
                    json.decimal("price", order.price)
                    json.field("status", "\(order.status)")
                    json.decimal("paid_for", order.effectiveAmount)
                    json.decimal("not_paid_for", order.invalidAmount)
                    json.field("time", order.date * 1_000_000)
                }
            }
        }
    }
}
