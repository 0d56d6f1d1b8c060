using System.Text;

namespace Multiprocess.Serialization.Codecs;

/// <summary>A value that no log and no exception text may show.</summary>
public readonly struct SensitiveCodec<T, TCodec> : IIpcCodec<T>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T value, IpcWriteContext context)
    {
        context.MarkSensitive();
        try
        {
            TCodec.Write(ref writer, value, context);
        }
        catch (Exception exception)
            when (exception is not IpcException { Kind: IpcErrorKind.LimitExceeded or IpcErrorKind.Disconnected })
        {
            // Not even as an inner exception, whose text may repeat the value.
            throw new IpcException(IpcErrorKind.ArgumentNotEncoded, "The value is sensitive; details are left out.");
        }
    }

    /// <inheritdoc/>
    public static T Read(ref MessagePackReader reader, IpcReadContext context)
    {
        context.MarkSensitive();
        try
        {
            return TCodec.Read(ref reader, context);
        }
        catch (IpcProtocolException exception)
        {
            throw new IpcProtocolException(
                "A sensitive value is malformed.") { At = exception.At, IsNil = exception.IsNil };
        }
        catch (Exception exception)
            when (exception is not IpcException { Kind: IpcErrorKind.LimitExceeded or IpcErrorKind.Disconnected })
        {
            throw new IpcException(IpcErrorKind.ArgumentNotDecoded, "A sensitive value could not be accepted.");
        }
    }
}

/// <summary>Text that is always sensitive and is wiped after use. Null is refused.</summary>
public readonly struct SecretStringCodec : IIpcCodec<SecretString>
{
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SecretString value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.MarkSensitive();
        writer.WriteStrict(value.Reveal());
    }

    /// <inheritdoc/>
    public static SecretString Read(ref MessagePackReader reader, IpcReadContext context)
    {
        context.MarkSensitive();
        ReadOnlySpan<byte> utf8 = reader.ReadStrictStringSpan();
        context.Charge(2L * utf8.Length);
        try
        {
            char[] characters = GC.AllocateUninitializedArray<char>(s_strict.GetCharCount(utf8), pinned: true);
            s_strict.GetChars(utf8, characters);
            return new SecretString(characters);
        }
        catch (ArgumentException)
        {
            throw new IpcProtocolException("Sensitive text: Expected valid UTF-8, got other bytes.") { At = -1 };
        }
    }
}
