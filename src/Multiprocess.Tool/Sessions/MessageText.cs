using System.Globalization;
using System.Text.Json.Nodes;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tool.Contracts;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Sessions;

/// <summary>
/// Describes the messages of one connection in words. Sensitive values are masked. Values that no description explains
/// are not shown.
/// </summary>
/// <param name="book">The server's description; null if there is none.</param>
internal sealed class MessageText(ContractBook? book)
{
    // Objects by owner and handle, and calls by caller and number, as far as the messages have shown.
    private readonly Dictionary<(bool IsClients, long Handle), string> _objects = [];
    private readonly Dictionary<(bool IsClients, long Request), (string Contract, uint Method)> _calls = [];

    /// <summary>Describes one message: its kind, and its fields by name.</summary>
    /// <param name="isFromClient">Whether the client sent it.</param>
    /// <param name="frame">The frame, without its length.</param>
    public JsonObject Read(bool isFromClient, ReadOnlySpan<byte> frame)
    {
        Message message = Parse(frame);
        var said = new JsonObject
        {
            ["from"] = isFromClient ? "client" : "server",
            ["message"] = message.Type.ToString(),
        };
        switch (message.Type)
        {
            case MessageType.Hello:
                Hello hello = HelloMessage.Read(message);
                said["serves"] = hello.Serves;
                said["wants"] = hello.Wants;
                if (hello.Serves is { } serves)
                {
                    _objects[(isFromClient, ExportTable.RootHandle)] = serves;
                }

                break;
            case MessageType.Goodbye:
                said["reason"] = GoodbyeMessage.Read(message).Message;
                break;
            case MessageType.Call:
                said["request"] = message.Request;
                string contract = _objects.GetValueOrDefault((!isFromClient, message.Target), "");
                _calls[(isFromClient, message.Request)] = (contract, message.Method);
                said["target"] = $"#{message.Target}";
                Add(said, isFromClient, message, contract, message.Method);
                break;
            case MessageType.Return or MessageType.Error:
                said["request"] = message.Request;
                (string Contract, uint Method) call = _calls.GetValueOrDefault(
                    (!isFromClient, message.Request), ("", 0u));
                Add(said, isFromClient, message, call.Contract, call.Method);
                break;
            case MessageType.Cancel:
                said["request"] = message.Request;
                break;
            case MessageType.Release:
                ReleaseMessage.Read(message, out long handle, out long count);
                said["target"] = $"#{handle}";
                said["count"] = count;
                break;
            default:
                break;
        }

        return said;
    }

    /// <summary>
    /// Adds what a message of a known method carries: <c>arguments</c>, <c>results</c> or <c>error</c>.
    /// </summary>
    /// <param name="said">The description of the message, to which the values are added.</param>
    /// <param name="frame">The frame, without its length.</param>
    /// <param name="contract">The called contract.</param>
    /// <param name="method">The method.</param>
    public void Add(JsonObject said, ReadOnlySpan<byte> frame, string contract, uint method)
        => Add(said, isFromClient: true, Parse(frame), contract, method);

    /// <summary>The description of a message on one line.</summary>
    public static string Line(JsonObject said)
    {
        string values = said switch
        {
            _ when said["arguments"] is JsonObject arguments
                => $"({string.Join(", ", arguments.Select(argument => $"{argument.Key}: {Short(argument.Value)}"))})",
            _ when said["results"] is JsonObject results
                => $" = {string.Join(", ", results.Select(
                    result => (result.Key == "result" ? "" : $"{result.Key} = ") + Short(result.Value)))}",
            _ when said["error"] is JsonObject error
                => $" threw {error["type"]?.GetValue<string>()}: {error["message"]?.GetValue<string>()}",
            _ when said["hidden"] is { } why => $" ({why.GetValue<string>()})",
            _ => "",
        };
        string[] other =
            [
                .. said.Where(
                    part
                        => part.Key is "serves" or "wants" or "reason" or "count" && part.Value is not null).Select(part
                            => $"{part.Key} {Short(part.Value)}"),
            ];
        return string.Join(' ', new[]
        {
            said["message"]?.GetValue<string>(),
            said["request"] is { } request ? $"#{request}" : null,
            said["method"]?.GetValue<string>() is { } method ? method + values : values.TrimStart(),
            said["target"] is { } target && said["method"] is null ? $"of {target.GetValue<string>()}" : null,
            string.Join(", ", other),
        }.Where(part => !string.IsNullOrEmpty(part)));
    }

    private static string Short(JsonNode? value) => Output.ToolConsole.ShowShort(value);

    private static Message Parse(ReadOnlySpan<byte> frame)
    {
        var message = new Message();
        frame.CopyTo(message.Prepare(frame.Length));
        message.Parse();
        return message;
    }

    private void Add(JsonObject said, bool isFromClient, Message message, string contract, uint id)
    {
        Method? method = book?.FindContract(contract)?.Find(id);
        if (contract.Length > 0 || id != 0)
        {
            said["method"] =
                $"{(contract.Length == 0 ? "?" : contract)}.{method?.Name ?? id.ToString("x8", CultureInfo.InvariantCulture)}";
        }

        var reader = new MessagePackReader(message.Body);
        if (message.Type == MessageType.Error)
        {
            IpcErrorKind kind = ErrorMessage.ReadKind(ref reader);
            said["error"] = RemoteError.Read(kind, ValueReader.ReadAny(ref reader)).ToJson();
        }
        else if (method is null)
        {
            said["hidden"] = string.Create(
                CultureInfo.InvariantCulture, $"{reader.ReadStrictArrayHeader()} values, no description");
        }
        else if (message.Type == MessageType.Call)
        {
            said["arguments"] = Read(
                ref reader, isFromClient, method.Sent.Select(parameter => (parameter.Name, (Place)parameter)));
        }
        else
        {
            IEnumerable<(string, Place)> places = method.Back.Select(parameter => (parameter.Name, (Place)parameter));
            if (method.Returned is { } returned)
            {
                places = places.Prepend(("result", returned));
            }

            said["results"] = Read(ref reader, isFromClient, [.. places]);
        }
    }

    private JsonObject Read(
        ref MessagePackReader reader, bool isFromClient, IEnumerable<(string Name, Place Place)> places)
    {
        var values = new ValueReader(book!, (handle, type) =>
        {
            if (handle > 0)
            {
                _objects[(isFromClient, handle)] = type.Key;
            }

            return JsonValue.Create(handle > 0 ? $"#{handle}" : $"home #{-handle}");
        });
        var read = new JsonObject();
        int left = reader.ReadStrictArrayHeader();
        foreach ((string name, Place place) in places)
        {
            if (left-- <= 0)
            {
                break;
            }

            bool isSender = place is Parameter { Passing: Passing.Sender };
            JsonNode? value = isSender ? values.ReadReference(ref reader) : values.Read(ref reader, place);
            if (!isSender)
            {
                read[name] = value;
            }
        }

        return read;
    }
}
