import OutcryComponents
import OutcryMarket

/// Puts together what the account's channel says of one trade: some entries of the wallet, and the copy of the
/// trade, in any order.
///
/// The number of the trade is all that joins them. The entries tell whether it was bought or sold, and the
/// fee; the copy tells the exact price. An account that trades with itself gets one copy, and both kinds of
/// entries.
struct ExecutionPieces {
    private struct Piece {
        let number: Int64
        var trade: Trade?
        var bought: Quantity?
        var sold: Quantity?
        var spent: Money?
        var earned: Money?
        var fees: [Money] = []
        var boughtIsTold = false
        var soldIsTold = false
    }

    /// The newest last; as many as can be on their way at once, and more.
    private var pieces: [Piece] = []
    private let most = 256

    private mutating func place(_ number: Int64) -> Int {
        // What belongs together comes together.
        if let place = pieces.lastIndex(where: { $0.number == number }) { return place }
        if pieces.count >= most { pieces.removeFirst(most / 2) }
        pieces.append(Piece(number: number))
        return pieces.count - 1
    }

    /// Takes an entry of the wallet.
    ///
    /// - Returns: The trade, if this is what was missing of it, or a fee of one that has been told already.
    mutating func take(_ news: MtGoxWalletNews) -> ExecutionNews? {
        guard let number = news.tradeID else { return nil }
        let place = place(number)
        switch news.kind {
        case .in:
            pieces[place].bought = Quantity(units: news.amount.units, of: news.amount.currency)
            if let trade = pieces[place].trade { return told(place, trade).first }
        case .out:
            pieces[place].sold = Quantity(units: news.amount.units, of: news.amount.currency)
            if let trade = pieces[place].trade { return told(place, trade).first }
        case .spent: pieces[place].spent = news.amount
        case .earned: pieces[place].earned = news.amount
        case .fee:
            let side = side(ofFee: news, pieces[place])
            if side == .buy ? pieces[place].boughtIsTold : pieces[place].soldIsTold {
                var late = ExecutionNews(tradeID: number)
                late.side = side
                late.fee = news.amount
                return late
            }
            pieces[place].fees.append(news.amount)
        default: break
        }
        return nil
    }

    /// Takes the copy of a trade.
    ///
    /// - Returns: What is known of it, once for each side of the account's; nothing for a copy of a copy.
    mutating func take(_ trade: Trade) -> [ExecutionNews] {
        let place = place(trade.id)
        guard pieces[place].trade == nil else { return [] }
        pieces[place].trade = trade
        return told(place, trade)
    }

    private mutating func told(_ place: Int, _ trade: Trade) -> [ExecutionNews] {
        var news: [ExecutionNews] = []
        let piece = pieces[place]
        if piece.bought != nil, !piece.boughtIsTold {
            pieces[place].boughtIsTold = true
            news.append(execution(piece, trade, .buy))
        }
        if piece.sold != nil, !piece.soldIsTold {
            pieces[place].soldIsTold = true
            news.append(execution(piece, trade, .sell))
        }
        return news
    }

    private func execution(_ piece: Piece, _ trade: Trade, _ side: OrderSide) -> ExecutionNews {
        var news = ExecutionNews(tradeID: piece.number)
        news.instrument = trade.instrument
        news.side = side
        news.price = trade.price
        news.quantity = trade.quantity
        news.cost = side == .buy ? piece.spent : piece.earned
        news.stamp = trade.stamp
        // A buyer's fee is taken in the base, a seller's in the quote, and both in the quote on request.
        let base = piece.fees.first { $0.currency == trade.instrument.base }
        let quotes = piece.fees.filter { $0.currency == trade.instrument.quote }
        if side == .buy {
            news.fee = base ?? (piece.sold == nil || quotes.count > 1 ? quotes.first : nil)
        } else {
            news.fee = quotes.last
        }
        return news
    }

    private func side(ofFee news: MtGoxWalletNews, _ piece: Piece) -> OrderSide {
        if piece.bought != nil, piece.sold == nil { return .buy }
        if piece.sold != nil, piece.bought == nil { return .sell }
        return news.amount.currency == piece.trade?.instrument.base ? .buy : .sell
    }
}
