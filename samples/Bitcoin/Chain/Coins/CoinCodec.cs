using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>Encodes coins and spent outputs in the compact form of Bitcoin Core's undo files.</summary>
internal static class CoinCodec
{
    /// <summary>
    /// Script kinds: 0 key hash, 1 script hash, 2 and 3 compressed key, 4 and 5 uncompressed key; higher numbers are
    /// lengths.
    /// </summary>
    private const int SpecialScripts = 6;

    private const int MaxScriptBytes = 10_000;

    internal static byte[] Write(UnspentCoin coin)
    {
        using MemoryStream stream = new();
        Write(stream, coin, isUndo: false);
        return stream.ToArray();
    }

    internal static UnspentCoin Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return Read(stream, isUndo: false);
    }

    /// <summary>Encodes the outputs that each transaction of a block except the coinbase spent.</summary>
    internal static byte[] WriteUndo(IReadOnlyList<UnspentCoin[]> spent)
    {
        using MemoryStream stream = new();
        WriteCompactSize(stream, (ulong)spent.Count);
        foreach (UnspentCoin[] coins in spent)
        {
            WriteCompactSize(stream, (ulong)coins.Length);
            foreach (UnspentCoin coin in coins)
            {
                Write(stream, coin, isUndo: true);
            }
        }

        return stream.ToArray();
    }

    internal static List<UnspentCoin[]> ReadUndo(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        List<UnspentCoin[]> spent = [];
        for (ulong left = ReadCompactSize(stream); left > 0; left--)
        {
            ulong count = ReadCompactSize(stream);
            if (count > (ulong)bytes.Length)
            {
                throw new InvalidDataException($"Undo data: {count} coins do not fit into {bytes.Length} bytes.");
            }

            UnspentCoin[] coins = new UnspentCoin[count];
            for (int i = 0; i < coins.Length; i++)
            {
                coins[i] = Read(stream, isUndo: true);
            }

            spent.Add(coins);
        }

        return spent;
    }

    internal static ulong CompressAmount(ulong amount)
    {
        if (amount == 0)
        {
            return 0;
        }

        int exponent = 0;
        for (; amount % 10 == 0 && exponent < 9; exponent++)
        {
            amount /= 10;
        }

        ulong digit = amount % 10;
        return exponent < 9
            ? 1 + (((((amount / 10) * 9) + digit - 1) * 10) + (ulong)exponent)
            : 1 + ((amount - 1) * 10) + 9;
    }

    internal static ulong DecompressAmount(ulong code)
    {
        if (code == 0)
        {
            return 0;
        }

        code--;
        int exponent = (int)(code % 10);
        code /= 10;
        ulong amount = code + 1;
        if (exponent < 9)
        {
            ulong digit = (code % 9) + 1;
            amount = ((code / 9) * 10) + digit;
        }

        for (; exponent > 0; exponent--)
        {
            amount *= 10;
        }

        return amount;
    }

    private static void Write(Stream stream, UnspentCoin coin, bool isUndo)
    {
        WriteVarInt(stream, ((ulong)coin.Height << 1) | (coin.IsCoinbase ? 1UL : 0));
        if (isUndo && coin.Height > 0)
        {
            // An unused field: formerly the transaction's version.
            stream.WriteByte(0);
        }

        WriteVarInt(stream, CompressAmount((ulong)coin.Value));
        byte[] script = coin.Script.ToBytes(@unsafe: true);
        if (Compress(script) is { } compressed)
        {
            stream.Write(compressed);
        }
        else
        {
            WriteVarInt(stream, (ulong)(script.Length + SpecialScripts));
            stream.Write(script);
        }
    }

    private static UnspentCoin Read(Stream stream, bool isUndo)
    {
        ulong code = ReadVarInt(stream);
        if (isUndo && code >> 1 > 0)
        {
            ReadVarInt(stream);
        }

        long value = (long)DecompressAmount(ReadVarInt(stream));
        ulong kind = ReadVarInt(stream);
        return new UnspentCoin(value, ReadScript(stream, kind), (int)(code >> 1), (code & 1) != 0);
    }

    private static byte[]? Compress(byte[] script) => script switch
    {
        [0x76, 0xa9, 20, .., 0x88, 0xac] when script.Length == 25 => [0, .. script[3..23]],
        [0xa9, 20, .., 0x87] when script.Length == 23 => [1, .. script[2..22]],
        [33, 2 or 3, .., 0xac] when script.Length == 35 => script[1..34],
        [65, 4, .., 0xac] when script.Length == 67 && PubKey.TryCreatePubKey(script[1..66], out _)
            => [(byte)(4 | (script[65] & 1)), .. script[2..34]],
        _ => null,
    };

    private static Script ReadScript(Stream stream, ulong kind)
    {
        byte[] Take(int count)
        {
            byte[] bytes = new byte[count];
            stream.ReadExactly(bytes);
            return bytes;
        }

        return Script.FromBytesUnsafe(kind switch
        {
            0 => [0x76, 0xa9, 20, .. Take(20), 0x88, 0xac],
            1 => [0xa9, 20, .. Take(20), 0x87],
            2 or 3 => [33, (byte)kind, .. Take(32), 0xac],
            4 or 5 => [65, .. new PubKey([(byte)(kind - 2), .. Take(32)]).Decompress().ToBytes(), 0xac],
            > MaxScriptBytes + SpecialScripts
                => throw new InvalidDataException($"Coin: a script of {kind - SpecialScripts} bytes cannot be spent."),
            _ => Take((int)kind - SpecialScripts),
        });
    }

    /// <summary>
    /// Seven bits a byte, the highest first; each byte but the last has its top bit set. One is subtracted at each
    /// carry, so that each number has one encoding.
    /// </summary>
    private static void WriteVarInt(Stream stream, ulong value)
    {
        Span<byte> bytes = stackalloc byte[10];
        int at = bytes.Length;
        bytes[--at] = (byte)(value & 0x7f);
        while (value > 0x7f)
        {
            value = (value >> 7) - 1;
            bytes[--at] = (byte)((value & 0x7f) | 0x80);
        }

        stream.Write(bytes[at..]);
    }

    private static ulong ReadVarInt(Stream stream)
    {
        ulong value = 0;
        while (true)
        {
            int part = stream.ReadByte();
            if (part < 0 || value > ulong.MaxValue >> 7)
            {
                throw new InvalidDataException("Coin: the number is cut short or too large.");
            }

            value = (value << 7) | (uint)(part & 0x7f);
            if ((part & 0x80) == 0)
            {
                return value;
            }

            value++;
        }
    }

    private static void WriteCompactSize(Stream stream, ulong value)
    {
        BitcoinStream bitcoin = new(stream, serializing: true);
        bitcoin.ReadWriteAsVarInt(ref value);
    }

    private static ulong ReadCompactSize(Stream stream)
    {
        ulong value = 0;
        new BitcoinStream(stream, serializing: false).ReadWriteAsVarInt(ref value);
        return value;
    }
}
