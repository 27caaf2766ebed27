-- Requests for accounts by chance, always the same ones: PATH with the number of one of ACCOUNTS in place of N.
math.randomseed(7)
local accounts, path = tonumber(os.getenv("ACCOUNTS")), os.getenv("ASKED")
request = function()
    return wrk.format("GET", (path:gsub("N", tostring(math.random(0, accounts - 1)))))
end
