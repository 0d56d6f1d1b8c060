using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

/// <summary>Writes values through the package's writer, where its own methods would write something else.</summary>
/// <remarks>
/// The package changes only text: at the receiver, an unpaired surrogate would become U+FFFD.
/// </remarks>
internal static class StrictWriter
{
    /// <summary>Writes text, or nil.</summary>
    /// <exception cref="IpcException">The text has an unpaired surrogate.</exception>
    public static void WriteStrict(this ref MessagePackWriter writer, string? value)
    {
        if (value is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.WriteStrict(value.AsSpan());
        }
    }

    /// <summary>Writes text.</summary>
    /// <exception cref="IpcException">The text has an unpaired surrogate.</exception>
    public static void WriteStrict(this ref MessagePackWriter writer, scoped ReadOnlySpan<char> value)
    {
        // ASCII text needs no counting, and preparing the framework's encoder takes 2 ms of a child's start.
        int length = Ascii.IsValid(value) ? value.Length : Encoding.UTF8.GetByteCount(value);
        writer.WriteStringHeader(length);
        if (length == 0)
        {
            return;
        }

        if (Utf8.FromUtf16(value, writer.GetSpan(length), out _, out int written, replaceInvalidSequences: false)
            != OperationStatus.Done)
        {
            MessagePackErrors.ThrowLoneSurrogate();
        }

        writer.Advance(written);
    }

    /// <summary>
    /// Copies, in one piece, bytes that are already MessagePack or that follow a header. The package's own method would
    /// grow the buffer step by step.
    /// </summary>
    public static void WriteWhole(this ref MessagePackWriter writer, scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            bytes.CopyTo(writer.GetSpan(bytes.Length));
            writer.Advance(bytes.Length);
        }
    }

    /// <summary>Writes bytes.</summary>
    public static void WriteBinary(this ref MessagePackWriter writer, scoped ReadOnlySpan<byte> bytes)
    {
        writer.WriteBinHeader(bytes.Length);
        writer.WriteWhole(bytes);
    }

    /// <summary>Writes text that is already UTF-8.</summary>
    public static void WriteUtf8(this ref MessagePackWriter writer, scoped ReadOnlySpan<byte> utf8)
    {
        writer.WriteStringHeader(utf8.Length);
        writer.WriteWhole(utf8);
    }
}
