using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>A request as it is put to the processes that have its method.</summary>
/// <param name="Method">The method.</param>
/// <param name="Parameters">An array, an object of named arguments, or null.</param>
/// <param name="Secrets">The arguments that stand apart; null for none.</param>
/// <param name="Uri">The path.</param>
/// <param name="User">The user who asks.</param>
/// <param name="Wipes">Whether the caller disposes a secret result.</param>
internal sealed record RpcRequest(
    string Method, JsonNode? Parameters, SecretArgument[]? Secrets, string Uri, string User, bool Wipes = false);

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

    internal RpcResult Execute(ImmutableList<RpcCommand> commands, RpcRequest request)
    {
        RpcScope scope = commands.Count == 1 ? RpcScope.First : commands[0].Scope;
        return scope switch
        {
            RpcScope.Every => new RpcResult(Join(commands, request)),
            RpcScope.Wallet when !NamesWallet(commands[0], request.Uri)
                => First(commands, request with { Uri = OnlyWallet(request.User) ?? request.Uri }),
            _ => First(commands, request),
        };
    }

    // A method that takes the name as an argument wants it there or in the path, even where there is one wallet only.
    private static bool NamesWallet(RpcCommand command, string uri)
        => uri.StartsWith(WalletPath, StringComparison.Ordinal)
            || Array.Exists(command.Arguments, static argument => argument.Name == WalletArgument);

    /// <summary>The path of the only wallet of all processes; null for none. Several are an error.</summary>
    private string? OnlyWallet(string user)
    {
        JsonArray wallets = Join(find(WalletList), new RpcRequest(WalletList, null, null, "/", user));
        return wallets.Count > 1
            ? throw RpcErrors.WalletNotSpecified()
            : wallets.Count == 1
            ? WalletPath + Uri.EscapeDataString(wallets[0]!.ToString())
            : null;
    }

    private JsonArray Join(ImmutableList<RpcCommand> commands, RpcRequest request)
    {
        JsonArray all = [];
        foreach (RpcResult result in Results(commands, request))
        {
            foreach (JsonNode? one in result.Node as JsonArray ?? [])
            {
                all.Add(one?.DeepClone());
            }
        }

        return all;
    }

    private RpcResult First(ImmutableList<RpcCommand> commands, RpcRequest request)
        => Results(commands, request).First();

    /// <summary>The results of the processes that answer, each called when its result is wanted.</summary>
    /// <exception cref="RpcException">
    /// A process refuses the call, or none answers. A process that is gone has no result; its error is thrown only if
    /// none answers.
    /// </exception>
    private IEnumerable<RpcResult> Results(ImmutableList<RpcCommand> commands, RpcRequest request)
    {
        RpcException? failure = null;
        bool hasResult = false;
        for (int i = 0; i < commands.Count; i++)
        {
            if (TryRun(commands[i], request, isLast: i == commands.Count - 1, out RpcResult result, ref failure))
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
        RpcCommand command, RpcRequest request, bool isLast, out RpcResult result, ref RpcException? failure)
    {
        result = default;
        try
        {
            RpcCall call = new(
                request.Method,
                RpcArguments.Bind(command, request.Parameters, out int given),
                request.Uri,
                request.User,
                isLast,
                given,
                request.Secrets);
            result = request.Wipes && command.SecretActor is { } secret
                ? new RpcResult(null, secret(call))
                : new RpcResult(command.Actor(call));
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
