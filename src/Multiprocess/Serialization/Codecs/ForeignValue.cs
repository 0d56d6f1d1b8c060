namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// Guards one value that user code or library code writes with the package's writer, or reads with its reader.
/// </summary>
internal static class ForeignValue
{
    /// <summary>Records where a value begins that foreign code is about to write.</summary>
    public static int BeginWriting(scoped ref MessagePackWriter writer, IpcWriteContext context)
    {
        if (context.Output is not { } output)
        {
            return 0;
        }

        writer.Flush();
        return output.WrittenCount;
    }

    /// <summary>
    /// Checks that exactly one value was written, in a form that the peer accepts. Otherwise everything after the value
    /// would be read at the wrong place, and the peer would end the connection.
    /// </summary>
    /// <exception cref="IpcException">Something else was written. Nothing was sent.</exception>
    public static void EndWriting(
        scoped ref MessagePackWriter writer,
        IpcWriteContext context,
        int start,
        Type converter,
        Type type)
    {
        if (context.Output is not { } output)
        {
            return;
        }

        writer.Flush();
        var reader = new MessagePackReader(output.WrittenMemory[start..]);
        try
        {
            reader.PassSound(context.MaxDepth);
        }
        catch (IpcProtocolException exception)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                $"{converter} did not write exactly one value for {type}. {exception.Message}",
                exception);
        }

        if (!reader.End)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                $"{converter} did not write exactly one value for {type}. Expected the end of the value at byte "
                    + $"{reader.Consumed}, got {output.WrittenCount - start} bytes.");
        }
    }

    /// <summary>
    /// Checks the next value before foreign code reads it: it must be complete, of limited depth, and its texts valid
    /// UTF-8. The package would return replacement characters, and its <c>Skip</c> would recurse.
    /// </summary>
    /// <returns>A reader positioned after the value.</returns>
    public static MessagePackReader Begin(scoped ref MessagePackReader reader, IpcReadContext context)
    {
        MessagePackReader behind = reader.CreatePeekReader();
        behind.PassSound(context.MaxDepth);
        context.Charge(behind.Consumed - reader.Consumed);
        return behind;
    }

    /// <summary>
    /// Checks that exactly one value was read. Otherwise everything after it would be read at the wrong place.
    /// </summary>
    /// <exception cref="IpcException">Less or more than the value was read; only this call fails.</exception>
    public static void End(
        ref MessagePackReader reader,
        MessagePackReader behind,
        long start,
        Type converter,
        Type type)
    {
        if (reader.Consumed != behind.Consumed)
        {
            reader = behind;
            throw new IpcException(
                IpcErrorKind.ArgumentNotDecoded,
                $"{converter} did not read exactly one value for {type}.") { At = (int)start };
        }
    }

    /// <summary>
    /// Returns the exception to throw instead of an exception of the converter or the package, which does not name the
    /// value.
    /// </summary>
    /// <remarks>The value was well-formed MessagePack, so only this call fails.</remarks>
    public static Exception Refuse(
        ref MessagePackReader reader,
        MessagePackReader behind,
        long start,
        Exception exception,
        Type converter,
        Type type)
    {
        reader = behind;
        return exception is IpcException
            ? exception
            : new IpcException(
                IpcErrorKind.ArgumentNotDecoded,
                $"{converter} could not read the {type}. {exception.Message}",
                exception) { At = (int)start };
    }
}
