using System.IO.Compression;
using Bitcoin.Chain.Coins;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>A file of the outputs that a block spends: amount, height, whether a coinbase made it, script.</summary>
internal static class SpentOutputs
{
    internal static List<UnspentCoin> Read(string path)
    {
        using GZipStream unzipped = new(File.OpenRead(path), CompressionMode.Decompress);
        using MemoryStream memory = new();
        unzipped.CopyTo(memory);
        memory.Position = 0;
        using BinaryReader reader = new(memory);
        List<UnspentCoin> spent = [];
        while (memory.Position < memory.Length)
        {
            long value = reader.ReadInt64();
            int height = reader.ReadInt32();
            bool isCoinbase = reader.ReadByte() != 0;
            Script script = Script.FromBytesUnsafe(reader.ReadBytes(reader.ReadByte()));
            spent.Add(new UnspentCoin(value, script, height, isCoinbase));
        }

        return spent;
    }
}
