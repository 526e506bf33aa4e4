import OutcryMarket
import OutcryServing
import OutcryVenues

/// A page of a wallet's history.
struct HistoryView: Hashable, Sendable {
    /// How many entries the wallet has in all.
    var records: Int64
    /// Newest first.
    var entries: [WalletEntryView]
    /// From 1.
    var page: Int64 = 1
    /// How many entries a page has at most.
    var pageSize: Int64 = 50

    /// The last page; 1 also where there are no entries.
    var lastPage: Int64 { max(1, (records + pageSize - 1) / pageSize) }
}

/// One entry of a wallet. Amounts are units of its currency.
struct WalletEntryView: Hashable, Sendable {
    /// Its number in the wallet, from 1.
    var index: Int64
    /// Seconds since 1970.
    var date: Int64
    /// The venue's word: `in`, `out`, `earned`, `spent`, `fee`, `deposit`, `withdraw`.
    var kind: String
    var currency: Currency
    /// Never below zero; the kind gives the sign.
    var value: Int64
    /// The balance after it.
    var balance: Int64
    var info: EntryInfo
    /// What it belongs to; nil for nothing.
    var link: EntryLink?
    /// The trade that it comes from; nil for no trade.
    var trade: EntryTrade?
}

/// Why a wallet changed, for people.
enum EntryInfo: Hashable, Sendable {
    /// A trade; `fee` in hundredths of a percent for the entry of the fee, else nil.
    case trade(side: OrderSide, Instrument, tid: Int64, amount: Int64, price: Int64, fee: Int64?)
    /// An address, or anything else that is text.
    case text(String)
}

/// What an entry belongs to.
struct EntryLink: Hashable, Sendable {
    /// A GUID of its own.
    var guid: MtGoxGUID
    /// `Money_Trade`, `Money_Bitcoin_Block_Tx` or `Money_Bitcoin_Block_Tx_Out`.
    var kind: String
    /// The number of the trade, or whatever names the other.
    var id: String
}

/// The trade of an entry.
struct EntryTrade: Hashable, Sendable {
    var oid: MtGoxGUID
    var tid: Int64
    /// Units of the base.
    var amount: Int64
    /// What is traded.
    var base: Currency
    var isMarketOrder: Bool
}

extension MessageText {
    /// Appends `wallet/history` (section 5.6 of the protocol reference).
    mutating func addHistory(_ history: HistoryView) {
        add("{\"records\":\"")
        add(history.records)
        add("\",\"result\":[")
        for (place, entry) in history.entries.enumerated() {
            if place > 0 { add(",") }
            add(entry)
        }
        add("],\"current_page\":")
        add(history.page)
        add(",\"max_page\":")
        add(history.lastPage)
        add(",\"max_results\":")
        add(history.pageSize)
        add("}")
    }

    private mutating func add(_ entry: WalletEntryView) {
        add("{\"Index\":\"")
        add(entry.index)
        add("\",\"Date\":")
        add(entry.date)
        add(",\"Type\":")
        addString(entry.kind)
        add(",\"Value\":")
        addMoney(entry.value, entry.currency)
        add(",\"Balance\":")
        addMoney(entry.balance, entry.currency)
        add(",\"Info\":")
        addInfo(entry.info)
        add(",\"Link\":[")
        if let link = entry.link {
            add("\"")
            add(link.guid)
            add("\",")
            addString(link.kind)
            add(",")
            addString(link.id)
        }
        add("]")
        if let trade = entry.trade {
            add(",\"Trade\":{\"oid\":\"")
            add(trade.oid)
            add("\",\"app\":null,\"tid\":\"")
            add(trade.tid)
            add("\",\"Amount\":")
            addMoney(trade.amount, trade.base)
            add(trade.isMarketOrder ? ",\"Properties\":\"market\"}" : ",\"Properties\":\"limit\"}")
        }
        add("}")
    }

    /// Appends why a wallet changed, with its quotes:
    /// `BTC bought: [tid:1366034751500724] 0.00010789 BTC at $97.96898 (0.6% fee)`.
    mutating func addInfo(_ info: EntryInfo) {
        switch info {
        case .text(let text): addString(text)
        case .trade(let side, let instrument, let tid, let amount, let price, let fee):
            add("\"")
            addCode(instrument.base)
            add(side == .buy ? " bought: [tid:" : " sold: [tid:")
            add(tid)
            add("] ")
            addFixed(amount, instrument.base.decimals)
            add(" ")
            addCode(instrument.base)
            add(" at ")
            addDisplay(price, instrument.quote, shown: instrument.quote.decimals)
            if let fee {
                add(" (")
                addTrimmed(fee, 2)
                add("% fee)")
            }
            add("\"")
        }
    }
}
