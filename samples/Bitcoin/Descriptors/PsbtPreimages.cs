using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>What the hashes in an input's script were made of. NBitcoin keeps these fields as unknown ones.</summary>
public static class PsbtPreimages
{
    /// <summary>What a hash was made of; null if the input does not say it.</summary>
    /// <param name="input">The input.</param>
    /// <param name="operation">The operation that makes the hash.</param>
    /// <param name="hash">The hash.</param>
    public static byte[]? Find(PSBTInput input, OpcodeType operation, byte[] hash)
    {
        ArgumentNullException.ThrowIfNull(input);
        byte field = operation switch
        {
            OpcodeType.OP_RIPEMD160 => 0x0a,
            OpcodeType.OP_SHA256 => 0x0b,
            OpcodeType.OP_HASH160 => 0x0c,
            _ => 0x0d,
        };
        return input.Unknown.TryGetValue([field, .. hash], out byte[]? found) ? found : null;
    }

    /// <summary>Whether a field of an input is one of these.</summary>
    public static bool IsField(byte[] key) => key is [>= 0x0a and <= 0x0d, ..];
}
