using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>A script of a taproot output, as a PSBT has it.</summary>
/// <param name="Control">The control block.</param>
/// <param name="Script">The script.</param>
/// <param name="Version">The version of the leaf.</param>
public sealed record PsbtLeaf(byte[] Control, Script Script, byte Version)
{
    /// <summary>The hash of the leaf.</summary>
    public uint256 Hash => TaprootHashes.Leaf(Script, Version);
}

/// <summary>
/// The fields of a PSBT about the script path of taproot (BIP371). NBitcoin keeps them as unknown fields.
/// </summary>
public static class PsbtTaproot
{
    private const byte SignatureField = 0x14;
    private const byte LeafField = 0x15;
    private const byte TreeField = 0x06;
    private const int KeyBytes = 32;
    private const int HashBytes = 32;
    private const int ControlBytes = 33;

    /// <summary>Creates a PSBT of a transaction; version 2 states the lock time even if it is 0.</summary>
    public static PSBT Create(Transaction transaction, Network network, bool isFirstVersion)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        PSBTVersion version = isFirstVersion ? PSBTVersion.PSBTv0 : PSBTVersion.PSBTv2;
        PSBT psbt = PSBT.FromTransaction(transaction, network, version);
        if (psbt is NBitcoin.BIP370.PSBT2 second)
        {
            second.FallbackLockTime = transaction.LockTime;
        }

        return psbt;
    }

    /// <summary>Whether a field of an input belongs to the script path.</summary>
    public static bool IsInputField(byte[] key) => IsSignature(key) || IsLeaf(key);

    /// <summary>Whether a field of an output is the tree of its scripts.</summary>
    public static bool IsOutputField(byte[] key) => key is [TreeField];

    /// <summary>The signatures of the script path, each with its key and the hash of its leaf.</summary>
    public static IEnumerable<(byte[] Key, uint256 Leaf, byte[] Signature)> Signatures(PSBTInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Unknown.Where(static field => IsSignature(field.Key))
            .Select(static field => (
                field.Key[1..(1 + KeyBytes)], new uint256(field.Key.AsSpan(1 + KeyBytes)), field.Value));
    }

    /// <summary>The signature of a key for a leaf; null for none.</summary>
    public static byte[]? Signature(PSBTInput input, byte[] key, uint256 leaf)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Unknown.TryGetValue(SignatureKey(key, leaf), out byte[]? found) ? found : null;
    }

    /// <summary>Adds the signature of a key for a leaf.</summary>
    public static void AddSignature(PSBTInput input, byte[] key, uint256 leaf, byte[] signature)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.Unknown[SignatureKey(key, leaf)] = signature;
    }

    /// <summary>The scripts that the input can be spent with.</summary>
    public static IEnumerable<PsbtLeaf> Leaves(PSBTInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Unknown.Where(static field => IsLeaf(field.Key) && field.Value.Length > 0)
            .Select(static field => new PsbtLeaf(
                field.Key[1..], Script.FromBytesUnsafe(field.Value[..^1]), field.Value[^1]));
    }

    /// <summary>What the input says about its output's scripts; null if the internal key is missing.</summary>
    public static TaprootSpending? Spending(PSBTInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.TaprootInternalKey is { } key
            ? new TaprootSpending(
                key,
                input.TaprootMerkleRoot,
                [
                    .. Leaves(input).Where(static leaf => leaf.Version == TaprootHashes.LeafVersion).Select(
                        static leaf => new TaprootLeafProof(
                            leaf.Script, leaf.Hash, leaf.Control, (leaf.Control.Length - ControlBytes) / HashBytes)),
                ])
            : null;
    }

    /// <summary>Describes the scripts of an output in the input that spends it, or in the output.</summary>
    public static void Describe(PSBTCoin coin, TaprootSpending spending)
    {
        ArgumentNullException.ThrowIfNull(coin);
        ArgumentNullException.ThrowIfNull(spending);
        coin.TaprootInternalKey = spending.Internal;
        if (coin is PSBTInput input)
        {
            input.TaprootMerkleRoot = spending.Root ?? input.TaprootMerkleRoot;
            foreach (TaprootLeafProof leaf in spending.Leaves)
            {
                coin.Unknown[[LeafField, .. leaf.Control]] = [.. leaf.Script.ToBytes(), TaprootHashes.LeafVersion];
            }
        }
        else if (spending.Leaves.Count > 0)
        {
            coin.Unknown[[TreeField]] =
                [
                    .. spending.Leaves.SelectMany(static leaf => (byte[])
                    [
                        (byte)leaf.Depth,
                        TaprootHashes.LeafVersion,
                        .. PsbtMaps.Number((ulong)leaf.Script.Length),
                        .. leaf.Script.ToBytes(),
                    ]),
                ];
        }
    }

    /// <summary>The scripts of an output from left to right, each with its depth and the version of the leaf.</summary>
    /// <returns>Null if the output has no tree.</returns>
    /// <exception cref="FormatException">The tree is cut off.</exception>
    public static IReadOnlyList<(byte Depth, byte Version, Script Script)>? Tree(PSBTOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!output.Unknown.TryGetValue([TreeField], out byte[]? bytes))
        {
            return null;
        }

        return Leaves(bytes)
            ?? throw new FormatException("Output Taproot tree: Expected a whole script, got its beginning.");
    }

    /// <summary>Whether bytes are leaves that make one tree.</summary>
    internal static bool IsWholeTree(byte[] bytes)
    {
        const int MaxDepth = 128;
        if (Leaves(bytes) is not { } leaves)
        {
            return false;
        }

        // Two neighbours of the same depth are one of the depth above.
        List<int> open = [];
        foreach ((byte depth, _, _) in leaves)
        {
            if (depth > MaxDepth || open.Contains(0) || (open.Count > 0 && depth < open[^1]))
            {
                return false;
            }

            open.Add(depth);
            while (open.Count > 1 && open[^1] == open[^2])
            {
                int parent = open[^1] - 1;
                open.RemoveRange(open.Count - 2, 2);
                open.Add(parent);
            }
        }

        return open is [0];
    }

    private static List<(byte Depth, byte Version, Script Script)>? Leaves(byte[] bytes)
    {
        List<(byte, byte, Script)> leaves = [];
        for (int at = 0; at < bytes.Length;)
        {
            int start = at + 2;
            if (PsbtMaps.Count(bytes, ref start) is not { } length || length > (ulong)(bytes.Length - start))
            {
                return null;
            }

            leaves.Add((bytes[at], bytes[at + 1], Script.FromBytesUnsafe(bytes[start..(start + (int)length)])));
            at = start + (int)length;
        }

        return leaves;
    }

    /// <summary>
    /// Makes the witness of a taproot input from the signature of its key or its signatures for a leaf, if they are
    /// enough and right.
    /// </summary>
    /// <returns>Whether the input is finalized now.</returns>
    public static bool TryFinalize(PSBT psbt, PSBTInput input)
    {
        ArgumentNullException.ThrowIfNull(psbt);
        ArgumentNullException.ThrowIfNull(input);
        TxOut?[] spent = [.. psbt.Inputs.Select(static one => one.GetTxOut())];
        Transaction transaction = psbt.GetGlobalTransaction();
        int index = (int)input.Index;
        if (spent.Any(static output => output is null))
        {
            return false;
        }

        PsbtMusig.AddWhole(psbt, input, transaction, spent!);
        WitScript? witness = input.TaprootKeySignature is { } own
            ? new WitScript([own.ToBytes()])
            : Spending(input) is { } spending
            ? TaprootStack.Best(
                spending,
                transaction,
                index,
                (key, leaf) => Signature(input, key, leaf),
                hash => KeyOf(input, hash),
                (operation, hash) => PsbtPreimages.Find(input, operation, hash))
            : null;
        if (witness is null)
        {
            return false;
        }

        transaction.Inputs[index].WitScript = witness;
        if (transaction.CreateValidator(spent!).ValidateInput(index).Error is not null)
        {
            return false;
        }

        input.FinalScriptWitness = witness;
        Clear(input);
        return true;
    }

    /// <summary>Removes what a finalized input does not need.</summary>
    public static void Clear(PSBTInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        input.ClearForFinalize();
        foreach (byte[] key in input.Unknown.Keys.Where(
            static key => IsInputField(key) || PsbtPreimages.IsField(key) || PsbtMusig.IsInputField(key)).ToArray())
        {
            input.Unknown.Remove(key);
        }
    }

    private static byte[]? KeyOf(PSBTInput input, byte[] hash)
        => input.HDTaprootKeyPaths.Keys.Select(static key => key.ToBytes()).FirstOrDefault(
            key => NBitcoin.Crypto.Hashes.Hash160(key).ToBytes().AsSpan().SequenceEqual(hash));

    private static bool IsSignature(byte[] key)
        => key is [SignatureField, ..] && key.Length == 1 + KeyBytes + HashBytes;

    private static bool IsLeaf(byte[] key)
        => key is [LeafField, ..] && key.Length > ControlBytes && (key.Length - 1 - ControlBytes) % HashBytes == 0;

    private static byte[] SignatureKey(byte[] key, uint256 leaf) => [SignatureField, .. key, .. leaf.ToBytes()];
}
