using Multiprocess.Serialization;

namespace Multiprocess.Introspection;

/// <summary>
/// Rows of texts, numbers, bytes and further rows, as arrays. Write only: a server never receives such a value.
/// </summary>
internal readonly struct TableCodec : IIpcCodec<object?[]>
{
    public static void Write(ref MessagePackWriter writer, object?[] value, IpcWriteContext context)
    {
        context.Enter();
        writer.WriteArrayHeader(value.Length);
        foreach (object? cell in value)
        {
            WriteCell(ref writer, cell, context);
        }

        context.Leave();
    }

    public static object?[] Read(ref MessagePackReader reader, IpcReadContext context)
        => throw new IpcProtocolException("Table of introspection: Expected a result, got an argument.");

    private static void WriteCell(ref MessagePackWriter writer, object? cell, IpcWriteContext context)
    {
        switch (cell)
        {
            case null:
                writer.WriteNil();
                break;
            case string text:
                writer.WriteStrict(text);
                break;
            case bool truth:
                writer.Write(truth);
                break;
            case int number:
                writer.Write(number);
                break;
            case long number:
                writer.Write(number);
                break;
            case ulong number:
                writer.Write(number);
                break;
            case double number:
                writer.Write(number);
                break;
            case byte[] bytes:
                writer.Write(bytes);
                break;
            case object?[] row:
                Write(ref writer, row, context);
                break;
            default:
                throw new NotSupportedException($"A cell of type {cell.GetType()} has no form in a table.");
        }
    }
}
