using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>The scripts and keys that descriptors know.</summary>
internal sealed class PsbtKeys
{
    private const int DefaultRange = 1000;

    private readonly Dictionary<Script, List<(PubKey Key, RootedKeyPath Path)>> _keys = [];
    private readonly Dictionary<PubKey, Key> _secrets = [];
    private readonly HashSet<Script> _scripts = [];
    private readonly Dictionary<Script, TaprootSpending> _taproot = [];

    /// <summary>The scripts whose hashes occur in other scripts.</summary>
    internal IReadOnlyCollection<Script> Scripts => _scripts;

    internal IEnumerable<Key> Secrets => _secrets.Values;

    /// <summary>Parses descriptors, each a text or an object with a range.</summary>
    /// <exception cref="RpcException">A descriptor is invalid.</exception>
    internal static PsbtKeys From(JsonArray descriptors, NetworkParameters network)
    {
        PsbtKeys known = new();
        foreach (JsonNode? item in descriptors)
        {
            JsonObject? named = item as JsonObject;
            string text = RpcValues.Text(
                named is null
                    ? item
                    : named["desc"]
                        ?? throw Inputs.Error(
                            RpcErrorCode.InvalidParameter, "Descriptor needs to be provided in scan object"));
            (long from, long to) = named?["range"] is { } range ? UtilCommands.RangeOf(range) : (0, DefaultRange);
            if (!Descriptor.TryParseAll(
                text, network, needsChecksum: false, out IReadOnlyList<Descriptor> all, out string error))
            {
                throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, error);
            }

            foreach (Descriptor descriptor in all)
            {
                for (long i = from; i <= (descriptor.IsRange ? to : from); i++)
                {
                    known.Add(descriptor, descriptor.IsRange ? (uint)i : 0);
                }
            }
        }

        return known;
    }

    /// <summary>Adds the known data to the inputs and outputs of a PSBT.</summary>
    internal void Update(PSBT psbt)
    {
        psbt.AddScripts([.. _scripts]);
        foreach (PSBTCoin coin in psbt.Inputs.Concat<PSBTCoin>(psbt.Outputs))
        {
            if (coin.GetTxOut() is not { } output
                || !_keys.TryGetValue(output.ScriptPubKey, out List<(PubKey Key, RootedKeyPath Path)>? keys))
            {
                continue;
            }

            bool isTaproot = ScriptKinds.Of(output.ScriptPubKey) == ScriptKind.Taproot;
            TaprootSpending? spending = _taproot.GetValueOrDefault(output.ScriptPubKey);
            if (spending is not null)
            {
                PsbtTaproot.Describe(coin, spending);
            }

            foreach ((PubKey key, RootedKeyPath path) in keys)
            {
                // What the PSBT says about a key's origin stays: a bare key knows less.
                if (!isTaproot)
                {
                    if (!coin.HDKeyPaths.ContainsKey(key))
                    {
                        coin.HDKeyPaths.Add(key, path);
                    }

                    continue;
                }

                coin.TaprootInternalKey ??= key.TaprootInternalKey;
                TaprootPubKey taproot = key.TaprootInternalKey.AsTaprootPubKey();
                if (!coin.HDTaprootKeyPaths.ContainsKey(taproot))
                {
                    coin.HDTaprootKeyPaths.Add(
                        taproot,
                        new TaprootKeyPath(
                            path, [.. spending?.LeavesWith(key).Select(static leaf => leaf.LeafHash) ?? []]));
                }
            }
        }
    }

    /// <summary>Signs the scripts of taproot inputs whose internal key did not sign.</summary>
    internal void SignLeaves(PSBT psbt)
    {
        TxOut?[] spent = [.. psbt.Inputs.Select(static input => input.GetTxOut())];
        if (spent.Any(static output => output is null))
        {
            return;
        }

        Transaction transaction = psbt.GetGlobalTransaction();
        PrecomputedTransactionData precomputed = transaction.PrecomputeTransactionData(spent!);
        Dictionary<string, Key> secrets = _secrets.DistinctBy(static pair => pair.Key.TaprootInternalKey.ToString())
            .ToDictionary(static pair => pair.Key.TaprootInternalKey.ToString(), static pair => pair.Value);
        foreach (PSBTInput input in psbt.Inputs)
        {
            if (input.IsFinalized() || input.TaprootKeySignature is not null
                || PsbtTaproot.Spending(input) is not { } spending)
            {
                continue;
            }

            TaprootSigHash type = input.TaprootSighashType ?? TaprootSigHash.Default;
            foreach (TaprootLeafProof leaf in spending.Leaves)
            {
                foreach (byte[] key in leaf.Keys)
                {
                    if (secrets.TryGetValue(Convert.ToHexStringLower(key), out Key? secret))
                    {
                        TaprootExecutionData execution = new((int)input.Index, leaf.LeafHash) { SigHash = type };
                        uint256 hash = transaction.GetSignatureHashTaproot(precomputed, execution);
                        PsbtTaproot.AddSignature(
                            input, key, leaf.LeafHash, secret.SignTaprootScriptSpend(hash, type).ToBytes());
                    }
                }
            }
        }
    }

    private void Add(Descriptor descriptor, uint index)
    {
        try
        {
            foreach (Script script in descriptor.Expand(index))
            {
                List<(PubKey Key, RootedKeyPath Path)> keys = [];
                foreach (KeyExpression key in descriptor.Keys)
                {
                    if (key.Derive(index) is { } derived)
                    {
                        keys.Add((derived, key.Origin(index)));
                        if (key.DeriveSecret(index) is { } secret)
                        {
                            _secrets[derived] = secret;
                        }
                    }
                }

                _keys[script] = keys;
                if (descriptor.TaprootSpending(index) is { } spending)
                {
                    _taproot[script] = spending;
                }
            }

            _scripts.UnionWith(descriptor.InnerScripts(index));
        }
        catch (InvalidOperationException exception)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, exception.Message);
        }
    }
}
