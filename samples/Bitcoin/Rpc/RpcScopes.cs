using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>Chooses the process that runs a call, if several have a method of the name.</summary>
/// <param name="find">The methods of a name.</param>
/// <param name="isDisconnection">
/// Whether an exception means that the process that runs the method is gone.
/// </param>
internal sealed class RpcScopes(Func<string, ImmutableList<RpcCommand>> find, Func<Exception, bool> isDisconnection)
{
    private const string WalletList = "listwallets";
    private const string WalletArgument = "wallet_name";
    private const string WalletPath = "/wallet/";

    internal JsonNode? Execute(
        ImmutableList<RpcCommand> commands, string method, JsonNode? parameters, string uri, string user)
    {
        RpcScope scope = commands.Count == 1 ? RpcScope.First : commands[0].Scope;
        return scope switch
        {
            RpcScope.Every => Join(commands, method, parameters, uri, user),
            RpcScope.Wallet when !NamesWallet(commands[0], uri)
                => First(commands, method, parameters, OnlyWallet(user) ?? uri, user),
            _ => First(commands, method, parameters, uri, user),
        };
    }

    // A method that takes the name as an argument wants it there or in the path, even where there is one wallet only.
    private static bool NamesWallet(RpcCommand command, string uri)
        => uri.StartsWith(WalletPath, StringComparison.Ordinal)
            || Array.Exists(command.Arguments, static argument => argument.Name == WalletArgument);

    /// <summary>The path of the only wallet of all processes; null for none. Several are an error.</summary>
    private string? OnlyWallet(string user)
    {
        JsonArray wallets = Join(find(WalletList), WalletList, null, "/", user);
        return wallets.Count > 1
            ? throw RpcErrors.WalletNotSpecified()
            : wallets.Count == 1
            ? WalletPath + Uri.EscapeDataString(wallets[0]!.ToString())
            : null;
    }

    private JsonArray Join(
        ImmutableList<RpcCommand> commands, string method, JsonNode? parameters, string uri, string user)
    {
        JsonArray all = [];
        foreach (JsonNode? result in Results(commands, method, parameters, uri, user))
        {
            foreach (JsonNode? one in result as JsonArray ?? [])
            {
                all.Add(one?.DeepClone());
            }
        }

        return all;
    }

    private JsonNode? First(
        ImmutableList<RpcCommand> commands, string method, JsonNode? parameters, string uri, string user)
        => Results(commands, method, parameters, uri, user).First();

    /// <summary>The results of the processes that answer, each called when its result is wanted.</summary>
    /// <exception cref="RpcException">
    /// A process refuses the call, or none answers. A process that is gone has no result; its error is thrown only if
    /// none answers.
    /// </exception>
    private IEnumerable<JsonNode?> Results(
        ImmutableList<RpcCommand> commands, string method, JsonNode? parameters, string uri, string user)
    {
        RpcException? failure = null;
        bool hasResult = false;
        for (int i = 0; i < commands.Count; i++)
        {
            if (TryRun(
                commands[i],
                method,
                parameters,
                uri,
                user,
                isLast: i == commands.Count - 1,
                out JsonNode? result,
                ref failure))
            {
                hasResult = true;
                yield return result;
            }
        }

        if (!hasResult)
        {
            throw failure!;
        }
    }

    /// <summary>Returns false if another process may be able to answer.</summary>
    [SuppressMessage(
        "Design",
        "CA1031",
        Justification =
            "A method may throw anything, also because its process is gone; the client gets it as an error.")]
    private bool TryRun(
        RpcCommand command,
        string method,
        JsonNode? parameters,
        string uri,
        string user,
        bool isLast,
        out JsonNode? result,
        ref RpcException? failure)
    {
        result = null;
        try
        {
            result = command.Actor(
                new RpcCall(method, RpcArguments.Bind(command, parameters, out int given), uri, user, isLast, given));
            return true;
        }
        catch (RpcException exception) when (exception.Code == RpcErrorCode.WalletNotFound)
        {
            // The error of a process that is gone says more than that of a process that never had the wallet.
            failure ??= exception;
        }
        catch (RpcUnavailableException exception)
        {
            failure = new RpcException(RpcErrorCode.Wallet, exception.Message);
        }
        catch (Exception exception) when (isDisconnection(exception))
        {
            failure = new RpcException(RpcErrorCode.Wallet, "The process that ran this method has ended.");
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(RpcErrorCode.Misc, exception.Message);
        }

        return false;
    }
}
