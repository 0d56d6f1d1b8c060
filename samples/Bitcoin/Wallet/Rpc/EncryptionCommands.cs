using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Encryption;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods about passphrases.</summary>
internal sealed class EncryptionCommands(WalletRpc rpc)
{
    private const long MaxSeconds = 100_000_000;

    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Held(
            "encryptwallet",
            "passphrase:text!",
            "Encrypts the wallet with 'passphrase'. This is for first time encryption.",
            Encrypt),
        rpc.Held(
            "walletpassphrase",
            "passphrase:text! timeout:number",
            "Stores the wallet decryption key in memory for 'timeout' seconds.",
            Unlock),
        rpc.Held(
            "walletpassphrasechange",
            "oldpassphrase:text! newpassphrase:text!",
            "Changes the wallet passphrase from 'oldpassphrase' to 'newpassphrase'.",
            Change),
        rpc.Held("walletlock", "", "Removes the wallet encryption key from memory, locking the wallet.", Lock),
    ];

    private static JsonNode Encrypt(DescriptorWallet wallet, RpcCall call)
    {
        if (!wallet.HasPrivateKeys)
        {
            throw new RpcException(
                RpcErrorCode.WalletEncryptionFailed,
                "Error: wallet does not contain private keys, nothing to encrypt.");
        }

        if (wallet.Keys.Vault.IsEncrypted)
        {
            throw new RpcException(
                RpcErrorCode.WalletWrongEncryptionState,
                "Error: running with an encrypted wallet, but encryptwallet was called.");
        }

        MustNotScan(wallet, "encrypting the wallet");
        With(call.Text(0), passphrase =>
        {
            MustBeSomething(passphrase);
            wallet.Encrypt(passphrase);
        });
        return
            "wallet encrypted; The keypool has been flushed and a new HD seed was generated. You need to make a new backup with the backupwallet RPC.";
    }

    private static JsonNode? Unlock(DescriptorWallet wallet, RpcCall call)
    {
        MustBeEncrypted(wallet, "walletpassphrase");
        long seconds = call.Number(1);
        if (seconds < 0)
        {
            throw Args.Invalid("Timeout cannot be negative.");
        }

        With(call.Text(0), passphrase =>
        {
            MustBeSomething(passphrase);
            if (!wallet.TimedUnlock.Unlock(passphrase, Math.Min(seconds, MaxSeconds)))
            {
                throw Wrong(
                    passphrase,
                    "The wallet passphrase entered is incorrect. ",
                    " If this is successful, please set a new passphrase to avoid this issue in the future.");
            }
        });
        return null;
    }

    private static JsonNode? Change(DescriptorWallet wallet, RpcCall call)
    {
        MustBeEncrypted(wallet, "walletpassphrasechange");
        MustNotScan(wallet, "changing the passphrase");
        With(call.Text(0), old => With(call.Text(1), wanted =>
        {
            MustBeSomething(old);
            MustBeSomething(wanted);
            if (!wallet.Keys.Vault.Change(old, wanted, wallet.Keys.Opens))
            {
                throw Wrong(old, "The old wallet passphrase entered is incorrect. ", "");
            }
        }));
        return null;
    }

    private static JsonNode? Lock(DescriptorWallet wallet, RpcCall call)
    {
        MustBeEncrypted(wallet, call.Method);
        MustNotScan(wallet, "locking the wallet");
        wallet.TimedUnlock.Lock();
        return null;
    }

    private static RpcException Wrong(byte[] passphrase, string beginning, string end)
    {
        return new RpcException(RpcErrorCode.WalletPassphraseIncorrect, !passphrase.Contains((byte)0)
            ? "Error: The wallet passphrase entered was incorrect."
            : $"Error: {beginning}It contains a null character (ie - a zero byte). If the {(end.Length == 0 ? "old " : "")}passphrase was set with a version of this software prior to 25.0, please try again with only the characters up to — but not including — the first null character.{end}");
    }

    private static void MustBeEncrypted(DescriptorWallet wallet, string method)
    {
        if (!wallet.Keys.Vault.IsEncrypted)
        {
            throw new RpcException(
                RpcErrorCode.WalletWrongEncryptionState,
                $"Error: running with an unencrypted wallet, but {method} was called.");
        }
    }

    private static void MustNotScan(DescriptorWallet wallet, string what)
    {
        if (wallet.Scan.NeedsKeys)
        {
            throw new RpcException(
                RpcErrorCode.Wallet,
                $"Error: the wallet is currently being used to rescan the blockchain for related transactions. Please "
                    + $"call `abortrescan` before {what}.");
        }
    }

    private static void MustBeSomething(byte[] passphrase)
    {
        if (passphrase.Length == 0)
        {
            throw Args.Invalid("passphrase cannot be empty");
        }
    }

    private static void With(string passphrase, Action<byte[]> use)
    {
        using SecretBytes secret = SecretBytes.Of(passphrase);
        use(secret.Bytes);
    }
}
