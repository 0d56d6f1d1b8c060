using System.Buffers.Binary;

namespace Bitcoin.Primitives;

/// <summary>Replaces whole files so that a kill at any moment leaves either the old one or the new one.</summary>
public static class SafeFile
{
    /// <summary>What is behind the name of a file that is being written.</summary>
    public const string Unfinished = ".new";

    /// <summary>Writes beside the file, waits for the disk, and puts it in the old one's place.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> contents)
    {
        // What a kill left, or somebody put there: its name goes, and nothing is written through it.
        File.Delete(path + Unfinished);
        using (FileStream file = new(path + Unfinished, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(contents);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + Unfinished, path, overwrite: true);
    }

    /// <summary>As <see cref="Write"/>, with a checksum behind the contents.</summary>
    public static void WriteChecked(string path, ReadOnlySpan<byte> contents)
    {
        byte[] whole = new byte[contents.Length + sizeof(uint)];
        contents.CopyTo(whole);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(contents.Length), Checksum.Compute(contents));
        Write(path, whole);
    }

    /// <summary>What <see cref="WriteChecked"/> wrote; null when there is no such file, or it is damaged.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[]? ReadChecked(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] whole = File.ReadAllBytes(path);
        int length = whole.Length - sizeof(uint);
        return length >= 0
            && BinaryPrimitives.ReadUInt32LittleEndian(whole.AsSpan(length)) == Checksum.Compute(
                whole.AsSpan(0, length))
            ? whole[..length]
            : null;
    }
}
