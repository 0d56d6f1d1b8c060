namespace Bitcoin.Primitives;

/// <summary>The 80 bytes that proof of work is done on.</summary>
/// <param name="Version">The block's version and the bits by which miners signal.</param>
/// <param name="PreviousHash">The parent's hash; zero in a genesis block.</param>
/// <param name="MerkleRoot">What commits to the transactions.</param>
/// <param name="Time">Seconds since 1970, as the miner says.</param>
/// <param name="Target">The target that the header's hash must not exceed.</param>
/// <param name="Nonce">What the miner varied.</param>
public sealed record BlockHeader(int Version, Hash256 PreviousHash, Hash256 MerkleRoot, uint Time, CompactTarget Target, uint Nonce)
{
    /// <summary>How many bytes a header has.</summary>
    public const int Size = 80;

    /// <summary>Where the nonce stands in the serialised header.</summary>
    public const int NonceOffset = 76;

    /// <summary>Reads a header that is the whole of the source.</summary>
    /// <exception cref="BitcoinFormatException">The source does not hold exactly 80 bytes.</exception>
    public static BlockHeader Parse(ReadOnlyMemory<byte> source)
    {
        ByteReader reader = new(source);
        BlockHeader header = Read(ref reader);
        reader.ExpectEnd("block header");
        return header;
    }

    /// <summary>Reads a header.</summary>
    /// <exception cref="BitcoinFormatException">Fewer than 80 bytes are left.</exception>
    public static BlockHeader Read(ref ByteReader reader)
    {
        ByteReader fields = new(reader.ReadBytes(Size, "block header"));
        return new BlockHeader(
            fields.ReadInt32("block version"),
            fields.ReadHash("previous block hash"),
            fields.ReadHash("merkle root"),
            fields.ReadUInt32("block time"),
            new CompactTarget(fields.ReadUInt32("block target")),
            fields.ReadUInt32("block nonce"));
    }

    /// <summary>Writes the 80 bytes.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteInt32(Version);
        writer.WriteHash(PreviousHash);
        writer.WriteHash(MerkleRoot);
        writer.WriteUInt32(Time);
        writer.WriteUInt32(Target.Bits);
        writer.WriteUInt32(Nonce);
    }

    /// <summary>The 80 bytes.</summary>
    public byte[] ToArray()
    {
        ByteWriter writer = new();
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>The block's hash. Computed anew at each call: keep it.</summary>
    public Hash256 ComputeHash() => Hash256.Compute(ToArray());
}
