namespace Bitcoin.GuiWeb.Model;

/// <summary>An entry of a wallet's history.</summary>
/// <param name="Id">The transaction.</param>
/// <param name="Category">"send", "receive", "generate", "immature" or "orphan".</param>
/// <param name="Address">The paid address; empty if there is none.</param>
/// <param name="Label">The label of the address.</param>
/// <param name="Amount">In BTC, without the fee; negative for an outgoing payment.</param>
/// <param name="Fee">In BTC, negative; zero for an incoming payment.</param>
/// <param name="Confirmations">The number of confirming blocks; negative if another transaction replaced it.</param>
/// <param name="Time">In seconds since 1970.</param>
/// <param name="ReplacedBy">The transaction that replaced it; empty if none did.</param>
/// <param name="IsAbandoned">Whether the wallet has abandoned it.</param>
public sealed record Payment(
    string Id,
    string Category,
    string Address,
    string Label,
    decimal Amount,
    decimal Fee,
    long Confirmations,
    long Time,
    string ReplacedBy,
    bool IsAbandoned)
{
    internal bool IsSent => Category == "send";

    /// <summary>Whether it waits for a block, so that its fee can be raised and it can be abandoned.</summary>
    internal bool IsWaiting => IsSent && Confirmations == 0 && !IsAbandoned && ReplacedBy.Length == 0;

    /// <summary>The state, in English: a key of the texts.</summary>
    internal string State => IsAbandoned ? "abandoned"
        : Confirmations < 0 || ReplacedBy.Length > 0 ? "replaced"
        : Category == "orphan" ? "not in the chain"
        : Category == "immature" ? "not mature yet"
        : Confirmations == 0 ? "waiting"
        : Confirmations < 6 ? "{0} of 6 confirmations"
        : "confirmed";

    /// <summary>The kind, in English: a key of the texts.</summary>
    internal string Kind => Category switch
    {
        "send" => "Sent",
        "receive" => "Received",
        _ => "Mined",
    };

    internal static Payment From(JsonNode line) => new(
        line.Text("txid"),
        line.Text("category"),
        line.Text("address"),
        line.Text("label"),
        line.Amount("amount"),
        line.Amount("fee"),
        line.Whole("confirmations"),
        line.Whole("time"),
        line.Text("replaced_by_txid"),
        line.Flag("abandoned"));

    /// <summary>The last entries of a wallet's history, the newest first.</summary>
    internal static async Task<List<Payment>> Last(NodeModel node, string wallet, int count, int skip = 0)
    {
        JsonNode? lines = await node.Call("listtransactions", new JsonArray("*", count, skip), wallet);
        List<Payment> last = [.. lines.Items().Select(From)];
        last.Reverse();
        return last;
    }
}
