using System.Text.Json.Nodes;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Signs with given keys, using NBitcoin's builder.</summary>
internal sealed class RawSigner(NodeContext node, Func<OutPoint, UnspentCoin?> find)
{
    private static readonly Dictionary<string, SigHash> s_hashTypes = new(StringComparer.Ordinal)
    {
        ["DEFAULT"] = SigHash.All,
        ["ALL"] = SigHash.All,
        ["ALL|ANYONECANPAY"] = SigHash.All | SigHash.AnyoneCanPay,
        ["NONE"] = SigHash.None,
        ["NONE|ANYONECANPAY"] = SigHash.None | SigHash.AnyoneCanPay,
        ["SINGLE"] = SigHash.Single,
        ["SINGLE|ANYONECANPAY"] = SigHash.Single | SigHash.AnyoneCanPay,
    };

    internal static SigHash HashType(string name)
        => s_hashTypes.TryGetValue(name, out SigHash known)
            ? known
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, $"'{name}' is not a valid sighash parameter.");

    internal static string HashTypeName(SigHash type)
        => s_hashTypes.FirstOrDefault(pair => pair.Value == type && pair.Key != "DEFAULT").Key ?? "";

    internal JsonObject Sign(Transaction transaction, List<Key> keys, JsonArray? previous, string? hashTypeName)
    {
        SigHash hashType = HashType(hashTypeName ?? "DEFAULT");
        Dictionary<OutPoint, ICoin> coins = [];
        foreach (TxIn input in transaction.Inputs)
        {
            if (find(input.PrevOut) is { } coin)
            {
                coins[input.PrevOut] = new NBitcoin.Coin(input.PrevOut, coin.ToOutput());
            }
        }

        foreach (JsonNode? item in previous ?? [])
        {
            AddPrevious(RpcValues.Map(item), coins);
        }

        // For a witness script hash of a single key, the keys alone determine the script.
        foreach ((OutPoint id, ICoin coin) in coins.ToArray())
        {
            if (coin is NBitcoin.Coin plain and not ScriptCoin && Redeem(plain.ScriptPubKey, keys) is { } redeem)
            {
                coins[id] = plain.ToScriptCoin(redeem);
            }
        }

        TransactionBuilder builder = node.Tree.Network.Network.CreateTransactionBuilder();
        builder.AddKeys([.. keys]);
        builder.AddCoins(coins.Values);
        builder.SetSigningOptions(new SigningOptions(hashType));
        try
        {
            builder.SignTransactionInPlace(transaction);
        }
        catch (Exception exception) when (exception is InvalidOperationException
            or ArgumentException
            or NotSupportedException
            or KeyNotFoundException)
        {
            // Inputs that it cannot sign are reported below, one by one.
        }

        return Describe(transaction, coins);
    }

    private static Script? Redeem(Script script, List<Key> keys)
    {
        return keys.Select(static key => key.PubKey.WitHash.ScriptPubKey).FirstOrDefault(
            program => program.Hash.ScriptPubKey == script);
    }

    private static void AddPrevious(JsonObject previous, Dictionary<OutPoint, ICoin> coins)
    {
        foreach (string needed in new[] { "txid", "vout", "scriptPubKey" })
        {
            if (previous[needed] is null)
            {
                throw Inputs.Error(RpcErrorCode.Type, $"Missing {needed}");
            }
        }

        int index = RpcValues.Int(previous["vout"]);
        if (index < 0)
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, "vout cannot be negative");
        }

        OutPoint id = new(RpcValues.Hash(RpcValues.Text(previous["txid"]), "txid"), index);
        Script script = Script.FromBytesUnsafe(Inputs.Hex(RpcValues.Text(previous["scriptPubKey"]), "scriptPubKey"));
        if (coins.TryGetValue(id, out ICoin? known) && known.TxOut.ScriptPubKey != script)
        {
            throw Inputs.Error(
                RpcErrorCode.Deserialization,
                $"Previous output scriptPubKey "
                    + $"mismatch:\n{ScriptText.Format(known.TxOut.ScriptPubKey)}\nvs:\n{ScriptText.Format(script)}");
        }

        long amount = previous["amount"] is { } given
            ? RpcValues.Amount(given)
            : known is not null
            ? ((Money)known.Amount).Satoshi
            : 0;
        NBitcoin.Coin coin = new(id, new TxOut(Money.Satoshis(amount), script));
        Script? redeem = previous["redeemScript"] is { } r
            ? Script.FromBytesUnsafe(Inputs.Hex(RpcValues.Text(r), "redeemScript"))
            : null;
        Script? witness = previous["witnessScript"] is { } w
            ? Script.FromBytesUnsafe(Inputs.Hex(RpcValues.Text(w), "witnessScript"))
            : null;
        bool isScriptHash = SignatureOperations.IsScriptHash(script);
        if (!isScriptHash && !script.IsScriptType(ScriptType.P2WSH))
        {
            coins[id] = coin;
            return;
        }

        // The witness script may have been given as the redeem script: use the one that fits.
        Script inner = witness
            ?? redeem
            ?? throw Inputs.Error(RpcErrorCode.InvalidParameter, "Missing redeemScript/witnessScript");
        Script program = inner.WitHash.ScriptPubKey;
        if (witness is not null && redeem is not null && witness != redeem && redeem != program)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "redeemScript does not correspond to witnessScript");
        }

        bool fits = isScriptHash
            ? script == inner.Hash.ScriptPubKey || script == program.Hash.ScriptPubKey
            : script == program;
        if (!fits)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "redeemScript/witnessScript does not match scriptPubKey");
        }

        coins[id] = new ScriptCoin(coin, inner);
    }

    private JsonObject Describe(Transaction transaction, Dictionary<OutPoint, ICoin> coins)
    {
        JsonArray errors = [];
        TxOut[] outputs =
            [
                .. transaction.Inputs.Select(
                    input => coins.TryGetValue(
                        input.PrevOut, out ICoin? coin) ? coin.TxOut : new TxOut(Money.Zero, Script.Empty)),
            ];
        for (int i = 0; i < transaction.Inputs.Count; i++)
        {
            TxIn input = transaction.Inputs[i];
            string? error = "Input not found or already spent";
            if (coins.ContainsKey(input.PrevOut))
            {
                ScriptError result = ScriptCheck.Verify(
                    transaction, i, outputs[i], transaction.PrecomputeTransactionData(outputs), ScriptFlags.Standard);
                error = result == ScriptError.OK ? null
                    : result == ScriptError.InvalidStackOperation
                        ? "Unable to sign input, invalid stack size (possibly missing key)"
                    : result == ScriptError.NullFail
                        ? "CHECK(MULTI)SIG failing with non-zero signature (possibly need more signatures)"
                    : ScriptErrors.Describe(result);
            }

            if (error is not null)
            {
                errors.Add((JsonNode)new JsonObject
                {
                    ["txid"] = input.PrevOut.Hash.ToString(),
                    ["vout"] = (long)input.PrevOut.N,
                    ["witness"] = Values.Strings(
                        (input.WitScript ?? WitScript.Empty).Pushes.Select(Convert.ToHexStringLower)),
                    ["scriptSig"] = input.ScriptSig.ToHex(),
                    ["sequence"] = (long)input.Sequence.Value,
                    ["error"] = error,
                });
            }
        }

        JsonObject reply = new()
        {
            ["hex"] = Convert.ToHexStringLower(transaction.ToBytes()),
            ["complete"] = errors.Count == 0,
        };
        if (errors.Count > 0)
        {
            reply["errors"] = errors;
        }

        return reply;
    }
}
