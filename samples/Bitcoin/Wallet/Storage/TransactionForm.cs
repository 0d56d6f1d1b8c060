using System.Globalization;
using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Storage;

/// <summary>A transaction of a wallet as it stands in its file.</summary>
internal static class TransactionForm
{
    private static readonly uint256 s_abandoned = uint256.One;

    internal static byte[] Write(WalletTransaction transaction)
    {
        SortedDictionary<string, string> values = new(StringComparer.Ordinal) { ["fromaccount"] = "" };
        Add("from", transaction.From);
        Add("message", transaction.Message);
        Add("comment", transaction.Comment);
        Add("to", transaction.CommentTo);
        Add("replaces_txid", transaction.Replaces?.ToString());
        Add("replaced_by_txid", transaction.ReplacedBy?.ToString());
        if (transaction.Order != -1)
        {
            values["n"] = transaction.Order.ToString(CultureInfo.InvariantCulture);
        }

        if (transaction.SmartTime != 0)
        {
            values["timesmart"] = transaction.SmartTime.ToString(CultureInfo.InvariantCulture);
        }

        (uint256 block, int index) = transaction.State switch
        {
            TransactionState.Confirmed confirmed => (confirmed.Block, confirmed.Position),
            TransactionState.Conflicted conflicted => (conflicted.Block, -1),
            TransactionState.Inactive { IsAbandoned: true } => (s_abandoned, -1),
            _ => (uint256.Zero, 0),
        };
        RecordWriter writer = new RecordWriter()
            .Raw(transaction.Transaction.ToBytes())
            .Hash(block)
            .Size(0)
            .Int(index)
            .Size(0)
            .Size((ulong)values.Count);
        foreach ((string name, string value) in values)
        {
            writer.Text(name).Text(value);
        }

        writer.Size((ulong)transaction.Requests.Count);
        foreach ((string kind, string text) in transaction.Requests)
        {
            writer.Text(kind).Text(text);
        }

        return writer.UInt(0).UInt(transaction.ReceivedTime).Byte(0).Byte(0).ToArray();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                values[name] = value;
            }
        }
    }

    internal static WalletTransaction Read(byte[] bytes, Network network)
    {
        using MemoryStream stream = new(bytes);
        Transaction raw = network.CreateTransaction();
        try
        {
            raw.ReadWrite(
                new BitcoinStream(
                    stream, serializing: false) { ConsensusFactory = network.Consensus.ConsensusFactory });
        }
        catch (Exception exception) when (exception is EndOfStreamException
            or FormatException
            or ArgumentException
            or OverflowException)
        {
            throw new InvalidDataException("A transaction of the wallet is damaged.", exception);
        }

        RecordReader reader = new(bytes.AsSpan((int)stream.Position));
        uint256 block = reader.Hash();
        SkipHashes(ref reader);
        int index = reader.Int();
        if (reader.Size() != 0)
        {
            throw new InvalidDataException(
                "A transaction of the wallet holds those that it spends, as only wallets of before 2012 do.");
        }

        WalletTransaction transaction = new(raw, State(block, index));
        for (int i = reader.Size(); i > 0; i--)
        {
            Take(transaction, reader.Text(), reader.Text());
        }

        for (int i = reader.Size(); i > 0; i--)
        {
            transaction.Requests.Add((reader.Text(), reader.Text()));
        }

        reader.UInt();
        transaction.ReceivedTime = reader.UInt();
        return transaction;
    }

    private static void SkipHashes(ref RecordReader reader)
    {
        for (int i = reader.Size(); i > 0; i--)
        {
            reader.Hash();
        }
    }

    private static TransactionState State(uint256 block, int index)
    {
        // Where the block stands is asked of the chain.
        return block == uint256.Zero && index == 0 ? new TransactionState.Inactive(IsAbandoned: false)
            : block == s_abandoned && index == -1 ? new TransactionState.Inactive(IsAbandoned: true)
            : index >= 0 ? new TransactionState.Confirmed(block, -1, index)
            : new TransactionState.Conflicted(block, -1);
    }

    private static void Take(WalletTransaction transaction, string name, string value)
    {
        switch (name)
        {
            case "n":
                transaction.Order = Number(value);
                break;
            case "timesmart":
                transaction.SmartTime = (uint)Number(value);
                break;
            case "from":
                transaction.From = value;
                break;
            case "message":
                transaction.Message = value;
                break;
            case "comment":
                transaction.Comment = value;
                break;
            case "to":
                transaction.CommentTo = value;
                break;
            case "replaces_txid":
                transaction.Replaces = uint256.Parse(value);
                break;
            case "replaced_by_txid":
                transaction.ReplacedBy = uint256.Parse(value);
                break;
            case "fromaccount" or "spent":
                break;
            default:
                throw new InvalidDataException($"A transaction of the wallet has an unknown value named '{name}'.");
        }
    }

    private static long Number(string text)
        => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
}
