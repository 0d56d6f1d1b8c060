using NBitcoin;
using NBitcoin.Crypto;

namespace Dash;

/// <summary>
/// A transaction of Dash: without witnesses; the upper half of the version is its type, and a special transaction has a
/// payload behind its lock time (DIP2).
/// </summary>
public sealed class DashTransaction : Transaction
{
    private const short SpecialVersion = 3;

    private byte[] _payload = [];

#pragma warning disable CS0618 // NBitcoin's factories are the way to make one, and this is what a factory calls.
    internal DashTransaction()
    {
    }
#pragma warning restore CS0618

    /// <summary>What a special transaction carries; empty for any other.</summary>
    public byte[] Payload
    {
        get => _payload;
        set => _payload = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Whether a transaction of this version, type included, has a payload.</summary>
    public static bool IsSpecial(uint version) => (short)version >= SpecialVersion && version >> 16 != 0;

    /// <inheritdoc/>
    public override ConsensusFactory GetConsensusFactory() => DashConsensusFactory.Instance;

    /// <inheritdoc/>
    public override void ReadWrite(BitcoinStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);

        // Without witnesses no count of inputs is a mark: a special transaction may have none.
        TransactionOptions options = stream.TransactionOptions;
        stream.TransactionOptions = TransactionOptions.None;
        try
        {
            base.ReadWrite(stream);
        }
        finally
        {
            stream.TransactionOptions = options;
        }

        if (IsSpecial(nVersion))
        {
            stream.ReadWriteAsVarString(ref _payload);
        }
        else if (!stream.Serializing)
        {
            _payload = [];
        }
    }

    /// <inheritdoc/>
    public override uint256 GetSignatureHash(
        Script scriptCode,
        int nIn,
        SigHash nHashType,
        TxOut? spentOutput,
        HashVersion sigversion,
        PrecomputedTransactionData? precomputedTransactionData)
    {
        // NBitcoin's knows no payload, which is signed between the lock time and the kind of signature.
        return IsSpecial(nVersion)
            ? HashWithPayload(scriptCode, nIn, nHashType)
            : base.GetSignatureHash(
                scriptCode, nIn, nHashType, spentOutput, HashVersion.Original, precomputedTransactionData);
    }

    private uint256 HashWithPayload(Script scriptCode, int index, SigHash kind)
    {
        SigHash outputs = kind & (SigHash)0x1f;
        if (index >= Inputs.Count || (outputs == SigHash.Single && index >= Outputs.Count))
        {
            return uint256.One;
        }

        bool isAlone = (kind & SigHash.AnyoneCanPay) != 0;
        bool signsAllSequences = outputs is not (SigHash.None or SigHash.Single);
        using MemoryStream memory = new();
        BitcoinStream stream = new(memory, serializing: true);
        stream.ReadWrite(nVersion);
        Count(stream, isAlone ? 1 : Inputs.Count);
        Script code = new(scriptCode.ToOps().Where(static op => op.Code != OpcodeType.OP_CODESEPARATOR));
        for (int i = isAlone ? index : 0; i < (isAlone ? index + 1 : Inputs.Count); i++)
        {
            stream.ReadWrite(Inputs[i].PrevOut);
            stream.ReadWrite(i == index ? code : Script.Empty);
            stream.ReadWrite(i == index || signsAllSequences ? Inputs[i].Sequence.Value : 0u);
        }

        int count = outputs == SigHash.None ? 0 : outputs == SigHash.Single ? index + 1 : Outputs.Count;
        Count(stream, count);
        for (int i = 0; i < count; i++)
        {
            bool isBlank = outputs == SigHash.Single && i != index;
            stream.ReadWrite(isBlank ? -1L : Outputs[i].Value.Satoshi);
            stream.ReadWrite(isBlank ? Script.Empty : Outputs[i].ScriptPubKey);
        }

        stream.ReadWrite(LockTime.Value);
        byte[] payload = _payload;
        stream.ReadWriteAsVarString(ref payload);
        stream.ReadWrite((uint)kind);
        return NBitcoin.Crypto.Hashes.DoubleSHA256(memory.ToArray());
    }

    private static void Count(BitcoinStream stream, int count)
    {
        uint number = (uint)count;
        stream.ReadWriteAsVarInt(ref number);
    }
}
