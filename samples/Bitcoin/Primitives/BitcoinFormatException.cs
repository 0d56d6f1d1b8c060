namespace Bitcoin.Primitives;

/// <summary>Bytes that are not what they should be. The message names the field, the offset, what was expected and what came.</summary>
public sealed class BitcoinFormatException : FormatException
{
    /// <summary>Creates the error.</summary>
    /// <param name="field">What was being read, for example "transaction input count".</param>
    /// <param name="offset">Where in the source, in bytes.</param>
    /// <param name="expected">What would have been right.</param>
    /// <param name="came">What was there.</param>
    public BitcoinFormatException(string field, int offset, string expected, string came)
        : base($"{field} at offset {offset}: expected {expected}, came {came}.")
    {
        Field = field;
        Offset = offset;
        Expected = expected;
        Came = came;
    }

    /// <summary>What was being read.</summary>
    public string Field { get; }

    /// <summary>Where in the source, in bytes.</summary>
    public int Offset { get; }

    /// <summary>What would have been right.</summary>
    public string Expected { get; }

    /// <summary>What was there.</summary>
    public string Came { get; }
}
