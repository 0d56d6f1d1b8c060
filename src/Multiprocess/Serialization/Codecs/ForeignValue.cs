namespace Multiprocess.Serialization.Codecs;

/// <summary>One value that code of the user's or of a library reads from the package's reader.</summary>
internal static class ForeignValue
{
    /// <summary>
    /// Makes sure that the next value is sound before such code sees it: complete, of bounded depth, its texts UTF-8.
    /// The package would hand out a replacement character, and its <c>Skip</c> would recurse.
    /// </summary>
    /// <returns>A reader behind the value.</returns>
    public static MessagePackReader Begin(scoped ref MessagePackReader reader, IpcReadContext context)
    {
        MessagePackReader behind = reader.CreatePeekReader();
        behind.PassSound(context.MaxDepth);
        context.Charge(behind.Consumed - reader.Consumed);
        return behind;
    }

    /// <summary>
    /// Makes sure that exactly the one value was read: otherwise everything behind it would be shifted.
    /// </summary>
    /// <exception cref="IpcException">Less or more was read; the call alone fails.</exception>
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
                $"{converter} did not read the one value that a {type} is.") { At = (int)start };
        }
    }

    /// <summary>
    /// What is thrown instead of an exception of the converter's or the package's: neither names the value.
    /// </summary>
    /// <remarks>The value was sound MessagePack, so the call alone fails.</remarks>
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
