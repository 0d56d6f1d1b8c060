using System.Buffers.Binary;

namespace Bitcoin.Primitives;

/// <summary>Replaces whole files. After a kill at any moment there is the old file or the new one.</summary>
public static class SafeFile
{
    /// <summary>The ending of a file that is being written.</summary>
    public const string Unfinished = ".new";

    /// <summary>Writes a file beside the old one, waits for the disk, and then replaces the old one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> contents)
    {
        // A file of a killed process, or a link that somebody put there: it is deleted and never written through.
        File.Delete(path + Unfinished);
        using (FileStream file = new(path + Unfinished, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(contents);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + Unfinished, path, overwrite: true);
    }

    /// <summary>As <see cref="Write"/>, with a checksum after the contents.</summary>
    public static void WriteChecked(string path, ReadOnlySpan<byte> contents)
    {
        byte[] whole = new byte[contents.Length + sizeof(uint)];
        contents.CopyTo(whole);
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(contents.Length), Checksum.Compute(contents));
        Write(path, whole);
    }

    /// <summary>Reads what <see cref="WriteChecked"/> wrote; null if there is no such file, or it is damaged.</summary>
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
