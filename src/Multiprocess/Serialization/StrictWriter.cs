using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Multiprocess.Serialization;

/// <summary>Writes through the package's writer what it would write otherwise.</summary>
/// <remarks>
/// Text is the one thing that it would change: a surrogate without its partner would arrive as U+FFFD.
/// </remarks>
internal static class StrictWriter
{
    /// <summary>Writes text, or nil.</summary>
    /// <exception cref="IpcException">The text has a surrogate without its partner.</exception>
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
    /// <exception cref="IpcException">The text has a surrogate without its partner.</exception>
    public static void WriteStrict(this ref MessagePackWriter writer, scoped ReadOnlySpan<char> value)
    {
        // Plain letters need no counting, and the framework's encoder takes 2 ms of a child's start to get ready.
        int length = Ascii.IsValid(value) ? value.Length : Encoding.UTF8.GetByteCount(value);
        writer.WriteStringHeader(length);
        if (length == 0)
        {
            return;
        }

        if (
            Utf8.FromUtf16(
                value,
                writer.GetSpan(length),
                out _,
                out int written,
                replaceInvalidSequences: false) != OperationStatus.Done)
        {
            MessagePackErrors.ThrowLoneSurrogate();
        }

        writer.Advance(written);
    }

    /// <summary>
    /// Copies bytes that already are MessagePack, or follow a header, in one piece: the package's own would grow the
    /// buffer step by step.
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

    /// <summary>Writes text that is UTF-8 already.</summary>
    public static void WriteUtf8(this ref MessagePackWriter writer, scoped ReadOnlySpan<byte> utf8)
    {
        writer.WriteStringHeader(utf8.Length);
        writer.WriteWhole(utf8);
    }
}
